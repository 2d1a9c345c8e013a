import { readFile } from "node:fs/promises";

import { isTenonError } from "@tenon/core";
import { copyArtifact, createLayerCache, pullModuleTo, pushArtifact } from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Lab, labRegistries, namesIn } from "./lab.ts";
import { type Schedule, type Strike, faultsOf, scheduleOf } from "./schedule.ts";

/** One seed to be run alone. */
const replay = process.env["TENON_FAULT_SEED"];
const count = Number(process.env["TENON_REGISTRY_FAULT_SCHEDULES"] ?? 16);
const seeds =
  replay === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(replay)];

for (const { name, open } of labRegistries()) {
  describe(`moving artifacts while ${name} fails`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await open();
      await lab.prepare("source");
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    it.each(seeds)("comes through schedule TENON_FAULT_SEED=%i", async (seed) => {
      const schedule = scheduleOf(seed);
      const struck = new Set<Strike>();
      lab.proxy.fault = faultsOf(schedule, struck);
      const failure = await move(lab, schedule).then(
        () => undefined,
        (error: unknown) => error,
      );
      lab.proxy.fault = () => undefined;
      const names = [...struck].map((strike) => strike.name).join(", ");
      const what = `${schedule.operation} with ${names}: ${String(failure)}`;
      if (failure !== undefined) {
        const codes = [...struck].flatMap((strike) => strike.codes);
        expect(isTenonError(failure) && codes.includes(failure.code), what).toBe(true);
      }
      await checkPlaces(lab, schedule, failure === undefined, what);
      await move(lab, schedule);
      await checkPlaces(lab, schedule, true, `${what}, and again`);
    });
  });
}

/** Moves the artifact to the places that belong to a schedule. */
async function move(lab: Lab, { seed, operation }: Schedule): Promise<void> {
  await using client = lab.connect();
  const repository = `schedule-${seed}`;
  const tags = ["1.0.0"];
  if (operation === "push") {
    await pushArtifact(client, repository, lab.artifact, tags);
  } else if (operation === "copy") {
    const from = { registry: client, repository: "source" };
    const to = { registry: client, repository };
    await copyArtifact(from, to, { tag: "1.0.0" }, { tags });
  } else {
    const ref = { repository: "source", tag: "1.0.0" };
    const cache = createLayerCache(lab.dir.file(repository, "cache"));
    await pullModuleTo(client, ref, lab.dir.file(repository, "out"), { cache });
  }
}

/** What was moved is there whole, or not at all; and nothing else. */
async function checkPlaces(
  lab: Lab,
  { seed, operation }: Schedule,
  isDone: boolean,
  what: string,
): Promise<void> {
  const repository = `schedule-${seed}`;
  expect(await lab.held("source", "1.0.0"), what).toBe(lab.artifact.digest);
  if (operation !== "pull") {
    // The answer to the last request may be lost: then it is there, and the push failed all the same.
    const held = await lab.held(repository, "1.0.0");
    expect(isDone ? [lab.artifact.digest] : [lab.artifact.digest, undefined], what).toContain(held);
    return;
  }
  const names = await namesIn(lab.dir.file(repository));
  expect(
    names.filter((entry) => entry !== "cache"),
    what,
  ).toEqual(isDone ? ["out"] : []);
  const cached = await namesIn(lab.dir.file(repository, "cache"));
  expect(
    cached.filter((entry) => !/^[0-9a-f]{64}\.tgz$/.test(entry)),
    what,
  ).toEqual([]);
  if (!isDone) return;
  const [found, wanted] = await Promise.all(
    [lab.dir.file(repository, "out/big"), lab.dir.file("module/big")].map((path) => readFile(path)),
  );
  expect(found!.equals(wanted!), what).toBe(true);
}
