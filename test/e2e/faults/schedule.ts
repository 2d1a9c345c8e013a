import { Random } from "./random.ts";

/** What tenon is doing while things go wrong. */
export const scenarioNames = ["install", "upgrade", "delete", "bundle", "adopt"] as const;
/** One of them. */
export type ScenarioName = (typeof scenarioNames)[number];

/** What goes wrong with a request. */
export type Mishap =
  | { readonly kind: "lost-request" | "lost-response" | "stale-read" }
  /** The command line is killed; `committed` tells whether the server gets the request all the same. */
  | { readonly kind: "kill"; readonly committed: boolean }
  | {
      readonly kind: "status";
      readonly status: 409 | 429 | 500 | 504;
      readonly committed: boolean;
      /** Seconds that a Retry-After header asks for. */
      readonly retryAfter?: number | undefined;
    }
  /** A watch ends after so many events; `expired` says so with an error event. */
  | { readonly kind: "cut-watch"; readonly events: number; readonly expired: boolean };

/** What somebody else does just before a request goes on. */
export type Deed =
  | { readonly kind: "edit"; readonly owned: boolean; readonly target: number }
  | { readonly kind: "delete-object"; readonly target: number }
  | { readonly kind: "second-run"; readonly otherVersion: boolean };

/** What a schedule is made of. */
export type FaultKind = Mishap | Deed;

/** The place of a fault: it strikes the requests that it can strike, from the one given on. */
interface Place {
  readonly from: number;
  readonly times: number;
}

/** A fault with its place. */
export type Fault = FaultKind & Place;

/** Tells whether somebody else does something, and the request itself goes on as always. */
export function isDeed(fault: Fault): fault is Deed & Place {
  return deeds.has(fault.kind);
}

const deeds: ReadonlySet<string> = new Set<Deed["kind"]>(["edit", "delete-object", "second-run"]);

/** All that a seed decides. */
export interface Schedule {
  readonly seed: number;
  readonly scenario: ScenarioName;
  /** There are objects of others in the namespace, which is there. */
  readonly foreign: boolean;
  /** The instance has a custom resource with its definition. */
  readonly custom: boolean;
  /** A repeat at the end has to write nothing. */
  readonly checkNoop: boolean;
  /** The disturbed runs. */
  readonly rounds: readonly (readonly Fault[])[];
}

/** All kinds of faults. */
export const faultKinds: readonly FaultKind["kind"][] = [
  "lost-request",
  "lost-response",
  "stale-read",
  "kill",
  "status",
  "cut-watch",
  "edit",
  "delete-object",
  "second-run",
];

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const scenario = random.pick(scenarioNames);
  const foreign = scenario === "adopt" || random.chance(70);
  const custom = scenario !== "bundle" && random.chance(8);
  const checkNoop = random.chance(15);
  const rounds = [roundOf(random, usualRequests[scenario])];
  // When the first has come to its end, there is little left to ask for.
  if (random.chance(20)) rounds.push(roundOf(random, random.pick([10, usualRequests[scenario]])));
  return { seed, scenario, foreign, custom, checkNoop, rounds };
}

/** Tells whether the run has to ride all of these out, and so to succeed. */
export function mustSucceed(faults: readonly Fault[]): boolean {
  const hits = faults.reduce((sum, { times }) => sum + times, 0);
  // A server that was never reached is given up soon.
  const early = faults.filter(({ kind, from }) => kind.startsWith("lost-") && from < 4);
  const unreached = early.reduce((sum, { times }) => sum + times, 0) > 1;
  return hits <= 3 && !unreached && faults.every(({ kind }) => ridden.has(kind));
}

const ridden = new Set<FaultKind["kind"]>([
  "lost-request",
  "lost-response",
  "stale-read",
  "status",
  "cut-watch",
]);

/** So many requests does an undisturbed run send, about. */
const usualRequests: Readonly<Record<ScenarioName, number>> = {
  install: 28,
  upgrade: 36,
  delete: 24,
  bundle: 82,
  adopt: 62,
};

function roundOf(random: Random, requests: number): Fault[] {
  const faults = random.pick([1, 1, 1, 2, 2, 3]);
  return Array.from({ length: faults }, () => faultOf(random, requests));
}

function faultOf(random: Random, requests: number): Fault {
  const kind = kindOf(random);
  const from = kind.kind === "cut-watch" ? 1 : random.int(1, requests);
  const burst = ["lost-request", "lost-response", "status", "cut-watch"].includes(kind.kind);
  const times = burst ? random.pick([1, 1, 1, 2, 3, 8]) : 1;
  return { ...kind, from, times };
}

function kindOf(random: Random): FaultKind {
  const kind = random.pick(kinds);
  switch (kind) {
    case "lost-request":
    case "lost-response":
    case "stale-read":
      return { kind };
    case "kill":
      return { kind, committed: random.chance(60) };
    case "status":
      return statusOf(random);
    case "cut-watch":
      return { kind, events: random.int(0, 3), expired: random.chance(40) };
    case "edit":
      return { kind, owned: random.chance(60), target: random.int(0, 99) };
    case "delete-object":
      return { kind, target: random.int(0, 99) };
    case "second-run":
      return { kind, otherVersion: random.chance(50) };
  }
}

/** A kind is as likely as it is often here. */
const kinds = [
  "lost-request",
  "lost-response",
  "stale-read",
  "kill",
  "kill",
  "status",
  "status",
  "status",
  "cut-watch",
  "edit",
  "delete-object",
  "second-run",
] as const;

function statusOf(random: Random): FaultKind {
  const status = random.pick([409, 429, 500, 504] as const);
  const committed = status >= 500 && random.chance(50);
  const retryAfter = status === 429 ? random.pick([undefined, 0, 1]) : undefined;
  return { kind: "status", status, committed, retryAfter };
}
