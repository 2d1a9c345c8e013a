import type { KubeObjectView } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { awaitEvents } from "./read-events.ts";

const job: KubeObjectView = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "migrate", namespace: "apps", uid: "1" },
};
const event = (type: string, reason: string): KubeObjectView => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: reason, creationTimestamp: "2026-01-01T00:00:00Z" },
  type,
  reason,
});

/** Reads the events of an object of which each answer, the last one again and again, has these. */
async function read(answers: readonly KubeObjectView[][]) {
  let asked = 0;
  const slept: number[] = [];
  const events = await awaitEvents(
    {
      list: () => Promise.resolve(answers[asked++] ?? answers.at(-1)),
      pause: (milliseconds) => {
        slept.push(milliseconds);
        return Promise.resolve(true);
      },
    },
    job,
  );
  return { reasons: events.map(({ reason }) => reason), asked, slept };
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
