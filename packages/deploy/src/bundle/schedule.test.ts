import { describe, expect, it } from "vitest";

import { type Outcome, type ScheduleOptions, type Task, schedule } from "./schedule.ts";

describe("schedule()", () => {
  it("starts a task the moment those before it are done, and the first declared first", async () => {
    const run = start({ a: { c: ["x"], b: [], x: [] } }, { laneLimit: 2 });
    await run.has("b", "x");
    run.finish("x");
    await run.has("b", "c");
    run.finish("b", "c");
    expect(await run.outcomes()).toEqual({ "a/c": "done", "a/b": "done", "a/x": "done" });
  });

  it("runs no more at a time than the lane allows, lane by lane", async () => {
    const lanes = { a: { a1: [], a2: [], a3: [] }, b: { b1: [], b2: [] } };
    const run = start(lanes, { laneLimit: 2 });
    await run.has("a1", "a2", "b1", "b2");
    run.finish("a2");
    await run.has("a1", "a3", "b1", "b2");
    run.finish("a1", "a3", "b1", "b2");
    await run.outcomes();
  });

  it("goes strictly in the order of declaration when one is the limit", async () => {
    const lanes = { a: { last: ["first"], first: [], second: [] }, b: { third: [], fourth: [] } };
    const run = start(lanes, { laneLimit: 1, limit: 1 });
    const order: string[] = [];
    for (let left = 5; left > 0; left--) {
      await run.until(() => run.running().length > 0);
      expect(run.running().length).toBe(1);
      const [key] = run.running();
      order.push(key!);
      run.finish(key!);
    }
    await run.outcomes();
    expect(order).toEqual(["first", "last", "second", "third", "fourth"]);
  });

  it("starts nothing more in the lane of a failure with `stop`, and lets run what runs", async () => {
    const lanes = {
      a: { bad: [], good: [], next: [], deep: ["next"] },
      b: { other: [], more: [] },
    };
    const run = start(lanes, { laneLimit: 2 });
    await run.has("bad", "good", "other", "more");
    run.fail("bad");
    await run.until(() => !run.running().includes("bad"));
    run.finish("good", "other", "more");
    expect(await run.outcomes()).toEqual({
      "a/bad": "failed",
      "a/good": "done",
      "a/next": "failure of bad",
      "a/deep": "failure of bad",
      "b/other": "done",
      "b/more": "done",
    });
  });

  it("skips only what depends on a failure with `continue`", async () => {
    const lanes = { a: { bad: [], child: ["bad"], grandchild: ["child"], free: [] } };
    const run = start(lanes, { laneLimit: 1, onFailure: "continue" });
    await run.has("bad");
    run.fail("bad");
    await run.has("free");
    run.finish("free");
    expect(await run.outcomes()).toEqual({
      "a/bad": "failed",
      "a/child": "dependency on bad",
      "a/grandchild": "dependency on bad",
      "a/free": "done",
    });
  });

  it("skips the tasks of a lane that cannot be opened, and none of the others", async () => {
    const run = start({ down: { x: [] }, up: { x2: [] } }, { broken: ["down"] });
    await run.has("x2");
    run.finish("x2");
    expect(await run.outcomes()).toEqual({ "down/x": "lane", "up/x2": "done" });
    expect(run.closed).toEqual(["down", "up"]);
  });

  it("does not hold up a lane until another one is open", async () => {
    let open: () => void = () => {};
    const slow = new Promise<void>((resolve) => (open = resolve));
    const run = start({ slow: { s: [] }, quick: { q: [] } }, { delay: { slow } });
    await run.has("q");
    run.finish("q");
    await run.until(() => run.closed.includes("quick"));
    open();
    await run.has("s");
    run.finish("s");
    expect(await run.outcomes()).toEqual({ "slow/s": "done", "quick/q": "done" });
  });

  it("closes a lane when its last task has ended, with all outcomes, and one without tasks", async () => {
    const run = start({ a: { x: [], y: ["x"] }, empty: {} }, {});
    await run.until(() => run.closed.includes("empty"));
    await run.has("x");
    run.fail("x");
    await run.outcomes();
    expect(run.closed).toEqual(["empty", "a"]);
  });

  it("starts nothing after an abort, and waits for what runs", async () => {
    const abort = new AbortController();
    const run = start({ a: { x: [], y: [], z: ["x"] } }, { laneLimit: 1, signal: abort.signal });
    await run.has("x");
    abort.abort();
    let ended = false;
    const outcomes = run.outcomes().finally(() => (ended = true));
    await settle();
    expect(ended).toBe(false);
    run.finish("x");
    expect(await outcomes).toEqual({ "a/x": "done", "a/y": "aborted", "a/z": "aborted" });
  });

  it("carries out nothing when it is aborted before it begins", async () => {
    const run = start({ a: { x: [] } }, { signal: AbortSignal.abort() });
    expect(await run.outcomes()).toEqual({ "a/x": "aborted" });
  });
});

describe("schedule() with waves", () => {
  const waves = { canary: 0, rest: 1, late: 2 };

  it("starts a wave when all of those before it are done and the gate lets it", async () => {
    let pass: () => void = () => {};
    const gates: string[] = [];
    const gate = (wave: number, tasks: readonly Task[]): Promise<void> => {
      gates.push(`${wave}: ${tasks.map(({ key }) => key).join()}`);
      return wave === 0 ? new Promise((resolve) => (pass = resolve)) : Promise.resolve();
    };
    const run = start({ a: { rest: [], canary: [] }, b: { late: [] } }, { waves, gate });
    await run.has("canary");
    run.finish("canary");
    await run.until(() => gates.length === 1);
    await settle();
    expect(run.running()).toEqual([]);
    pass();
    await run.has("rest");
    run.finish("rest");
    await run.has("late");
    run.finish("late");
    expect(new Set(Object.values(await run.outcomes()))).toEqual(new Set(["done"]));
    expect(gates).toEqual(["0: canary", "1: rest"]);
  });

  it.each(["stop", "continue"] as const)(
    "starts no later wave after a failure, on any lane, with `%s`",
    async (onFailure) => {
      const lanes = { a: { canary: [], other: [] }, b: { rest: [] }, c: { late: [] } };
      const run = start(lanes, { waves, onFailure });
      await run.has("canary", "other");
      run.fail("canary");
      await settle();
      run.finish("other");
      expect(await run.outcomes()).toEqual({
        "a/canary": "failed",
        "a/other": "done",
        "b/rest": "wave 0",
        "c/late": "wave 0",
      });
    },
  );

  it("starts no later wave when the gate refuses, or when a cluster of the wave is down", async () => {
    const gate = (): Promise<void> => Promise.reject(new Error("not ready"));
    const refused = start({ a: { canary: [], rest: [] } }, { waves, gate });
    await refused.has("canary");
    refused.finish("canary");
    expect(await refused.outcomes()).toEqual({ "a/canary": "done", "a/rest": "wave 0: not ready" });
    const down = start({ a: { canary: [] }, b: { rest: [] } }, { waves, broken: ["a"] });
    expect(await down.outcomes()).toEqual({ "a/canary": "lane", "b/rest": "wave 0" });
  });

  it("does not wait for waves that nothing is in", async () => {
    const run = start({ a: { late: [] } }, { waves });
    await run.has("late");
    run.finish("late");
    expect(await run.outcomes()).toEqual({ "a/late": "done" });
  });
});

interface Setup extends Partial<
  Pick<ScheduleOptions<Task>, "limit" | "signal" | "onFailure" | "laneLimit">
> {
  readonly broken?: readonly string[];
  readonly delay?: Readonly<Record<string, Promise<void>>>;
  readonly waves?: Readonly<Record<string, number>>;
  readonly gate?: (wave: number, tasks: readonly Task[]) => Promise<void>;
}

/** A schedule whose tasks end when the test says so. Keys are unique over all lanes. */
function start(
  lanes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
  setup: Setup,
) {
  const { laneLimit = 4, onFailure = "stop", waves = {}, broken = [], delay = {}, gate } = setup;
  const under = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const closed: string[] = [];
  const tasks = Object.entries(lanes).flatMap(([lane, keys]) =>
    Object.keys(keys).map((key): Task => ({ lane, key, wave: waves[key] ?? 0 })),
  );
  const result = schedule(Object.keys(lanes), tasks, {
    laneLimit,
    limit: setup.limit,
    onFailure,
    signal: setup.signal,
    async open(lane) {
      await delay[lane];
      if (broken.includes(lane)) throw new Error("it is down");
      return new Map(Object.entries(lanes[lane]!));
    },
    run: ({ key }) =>
      new Promise((resolve, reject) => {
        const done = (end: () => void) => () => {
          under.delete(key);
          end();
        };
        under.set(key, { resolve: done(resolve), reject: (error) => done(() => reject(error))() });
      }),
    close: async (lane) => void closed.push(lane),
    ...(gate !== undefined && { gate }),
  });
  const until = async (check: () => boolean): Promise<void> => {
    for (let turns = 0; !check(); turns++) {
      if (turns > 1000) throw new Error(`running: ${[...under.keys()].join()}`);
      await settle();
    }
  };
  return {
    closed,
    running: () => [...under.keys()],
    until,
    /** Waits until exactly these run. */
    has: (...keys: string[]) =>
      until(() => [...under.keys()].toSorted().join() === keys.toSorted().join()),
    finish: (...keys: string[]) => keys.forEach((key) => under.get(key)!.resolve()),
    fail: (key: string) => under.get(key)!.reject(new Error(`${key} failed`)),
    async outcomes(): Promise<Record<string, string>> {
      const entries = [...(await result)].map(([{ lane, key }, outcome]) => [
        `${lane}/${key}`,
        textOf(outcome),
      ]);
      return Object.fromEntries(entries) as Record<string, string>;
    },
  };
}

function textOf(outcome: Outcome): string {
  if (outcome.state !== "skipped") return outcome.state;
  const { because } = outcome;
  switch (because.type) {
    case "dependency":
      return `dependency on ${because.on}`;
    case "failure":
      return `failure of ${because.of}`;
    case "wave": {
      const { error } = because;
      return `wave ${because.wave}${error === undefined ? "" : `: ${(error as Error).message}`}`;
    }
    case "lane":
    case "aborted":
      return because.type;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
