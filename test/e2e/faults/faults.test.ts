import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sharedCluster } from "../../support/shared-cluster.ts";
import { needs } from "../../support/tools.ts";
import { type ApiConnection, connectTo } from "./api-connection.ts";
import { Expected } from "./expected.ts";
import { type Outcome, runSchedule } from "./run-schedule.ts";
import { faultKinds } from "./schedule.ts";

const tools = needs("TENON_TEST_CLUSTER");

/** One seed to be run alone. */
const replay = process.env["TENON_FAULT_SEED"];
const count = Number(process.env["TENON_FAULT_SCHEDULES"] ?? 500);
/** The seed of the first schedule; the others follow. */
const first = Number(process.env["TENON_FAULT_FIRST"] ?? 1);

/**
 * A run of all tests has an end, cold builds included: where not all schedules fit in by then, it says
 * how many there were. A count that was asked for is always reached.
 */
function endOfSchedules(): number {
  if (process.env["TENON_FAULT_SCHEDULES"] !== undefined) return Number.POSITIVE_INFINITY;
  const minute = 60_000;
  const started = Number(process.env["TENON_TEST_STARTED"] ?? Date.now());
  return Math.min(Date.now() + 18 * minute, started + 27 * minute);
}

/** However late it is, so many are run. */
const least = 30;

/** Schedules that go on side by side, each in a namespace of its own. */
const lanes = 5;

/** So that a defect that breaks all of them is told soon. */
const enough = 10;

describe.skipIf(tools.missing)(`tenon, while things go wrong${tools.reason}`, () => {
  let connection: ApiConnection;
  let expected: Expected;

  beforeAll(() => {
    connection = connectTo(sharedCluster());
    expected = new Expected(connection);
  });
  afterAll(() => connection?.[Symbol.asyncDispose]());

  if (replay !== undefined) {
    it(`comes through seed ${replay}`, async () => {
      const outcome = await runSchedule(Number(replay), { connection, expected });
      process.stderr.write(`${JSON.stringify(outcome.schedule)}\n${outcome.log}\n`);
      if (outcome.failure !== undefined) throw new Error(reportOf(outcome));
    });
    return;
  }

  it(`comes through ${count} fault schedules`, { timeout: 60_000 + count * 10_000 }, async () => {
    const outcomes = await runAll();
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    if (failed.length > 0) throw new Error(failed.map(reportOf).join("\n\n"));
    // So that faults that strike nothing any more do not pass unseen.
    const hit = outcomes.filter(({ struck }) => struck.length > 0).length;
    expect(hit / outcomes.length, "schedules in which something went wrong").toBeGreaterThan(0.6);
    const kinds = new Set(outcomes.flatMap(({ struck }) => struck));
    if (outcomes.length >= 200) expect([...kinds].toSorted()).toEqual(faultKinds.toSorted());
  });

  /** Runs the schedules, until too many have failed. */
  async function runAll(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    let next = first;
    let failed = 0;
    const end = endOfSchedules();
    const lane = async (): Promise<void> => {
      const isTime = (): boolean => next < first + least || Date.now() < end;
      while (next < first + count && failed < enough && isTime()) {
        const outcome = await runSchedule(next++, { connection, expected });
        outcomes.push(outcome);
        if (outcome.failure === undefined) continue;
        failed++;
        // Nobody should have to wait for the last of thousands to see the first that fails.
        process.stderr.write(`${reportOf(outcome)}\n`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    process.stderr.write(`${outcomes.length} of ${count} fault schedules\n`);
    return outcomes;
  }
});

function reportOf({ schedule, log, failure }: Outcome): string {
  const { seed } = schedule;
  return `Seed ${seed} fails. Alone: TENON_FAULT_SEED=${seed} npx vitest run --project e2e test/e2e/faults
${JSON.stringify(schedule)}
${log}
${failure}`;
}
