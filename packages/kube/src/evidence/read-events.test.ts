import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { KubeObjectView } from "@tenon/core";
import { afterEach, describe, expect, it } from "vitest";

import { createKubeClient } from "../client/kube-client.ts";
import type { Clock } from "../clock.ts";
import { EvidenceReader } from "./evidence-reader.ts";
import { awaitEvents } from "./read-events.ts";

const job: KubeObjectView = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "migrate", namespace: "apps", uid: "1" },
};
const event = (type: string, reason: string): object => ({
  type,
  reason,
  message: "",
  metadata: { creationTimestamp: "2026-01-01T00:00:00Z" },
});

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

/** Reads the events of an object of which each answer, the last one again and again, has these. */
async function read(answers: readonly object[][]) {
  const asked: string[] = [];
  const slept: number[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const items = answers[asked.length] ?? answers.at(-1);
    asked.push(request.url ?? "");
    response.end(JSON.stringify({ kind: "EventList", apiVersion: "v1", metadata: {}, items }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const clock: Clock = {
    now: () => 0,
    sleep: async (milliseconds, stop) => {
      stop?.throwIfAborted();
      slept.push(milliseconds);
    },
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createKubeClient(
    {
      server: url,
      context: "test",
      namespace: "default",
      tls: {},
      auth: { type: "none" },
      env: {},
    },
    { clock },
  );
  close = async () => {
    await client[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  };
  const reader = new EvidenceReader(client, new AbortController().signal);
  const events = await awaitEvents(reader, job);
  return { reasons: events.map(({ reason }) => reason), asked: asked.length, slept };
}

describe("awaitEvents()", () => {
  const started = event("Normal", "SuccessfulCreate");
  const gaveUp = event("Warning", "BackoffLimitExceeded");

  it("takes what is there at once", async () => {
    const found = await read([[started, gaveUp]]);
    expect(found).toEqual({
      reasons: ["SuccessfulCreate", "BackoffLimitExceeded"],
      asked: 1,
      slept: [],
    });
  });

  it("waits for the event that says why", async () => {
    const found = await read([[], [started], [started, gaveUp]]);
    expect(found).toMatchObject({
      reasons: ["SuccessfulCreate", "BackoffLimitExceeded"],
      slept: [100, 200],
    });
  });

  it("does not wait for long", async () => {
    expect(await read([[started]])).toMatchObject({ asked: 5, slept: [100, 200, 400, 800] });
  });
});
