import { Random } from "../../../e2e/faults/random.ts";
import type { RegistryCall, RegistryFault } from "../../../support/registry-fault-proxy.ts";

/** What goes wrong while one artifact is moved; follows from the seed alone. */
export interface Schedule {
  readonly seed: number;
  readonly operation: "push" | "pull" | "copy";
  readonly strikes: readonly Strike[];
}

/** A fault and the requests that it strikes. */
export interface Strike {
  readonly name: string;
  /** The first of them, counted from 0. */
  readonly call: number;
  /** How many in a row. */
  readonly times: number;
  readonly fault: RegistryFault;
  /** Codes of the errors that it may end in. */
  readonly codes: readonly string[];
}

const network = ["OCI_UNREACHABLE"];
const content = [
  "OCI_DIGEST_MISMATCH",
  "OCI_MANIFEST_INVALID",
  "OCI_PROTOCOL_VIOLATED",
  "OCI_SIZE_MISMATCH",
  "OCI_TOO_LARGE",
  "OCI_UNSUPPORTED_MEDIA_TYPE",
];

/** Makes the schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const operation = random.pick(["push", "pull", "copy"] as const);
  const count = random.int(1, 3);
  const strikes = Array.from({ length: count }, (): Strike => {
    const kind = random.pick(kinds);
    return { call: random.int(0, 12), times: random.int(1, 5), ...kind(random) };
  });
  return { seed, operation, strikes };
}

/** A function that makes the faults of a schedule, and remembers which of them struck. */
export function faultsOf(
  schedule: Schedule,
  struck: Set<Strike>,
): (call: RegistryCall) => RegistryFault | undefined {
  let count = 0;
  return () => {
    const now = count++;
    const strike = schedule.strikes.find(({ call, times }) => now >= call && now < call + times);
    if (strike !== undefined) struck.add(strike);
    return strike?.fault;
  };
}

type Kind = (random: Random) => Pick<Strike, "name" | "fault" | "codes">;

const kinds: readonly Kind[] = [
  (random) => at("cut-request", random),
  (random) => at("cut-answer", random),
  (random) => at("stall-answer", random),
  (random) => at("stall-request", random),
  (random) => burst(random.pick([429, 500, 502, 503]), random.chance(50)),
  (random) => burst(random.pick([429, 500, 502, 503]), random.chance(50)),
  (random) => changed("truncated", (body) => body.subarray(0, random.int(0, body.length))),
  (random) => changed("longer", (body) => Buffer.concat([body, Buffer.alloc(random.int(1, 99))])),
  () => changed("swapped", (body) => Buffer.alloc(body.length, 0x20)),
  () => ({ name: "trickle", fault: { kind: "trickle" }, codes: network }),
];

function at(
  kind: "cut-request" | "cut-answer" | "stall-answer" | "stall-request",
  random: Random,
): ReturnType<Kind> {
  const part = random.int(0, 9) / 10;
  return { name: `${kind} ${part}`, fault: { kind, at: part }, codes: network };
}

function burst(status: number, asks: boolean): ReturnType<Kind> {
  const headers = asks ? { "retry-after": "1" } : {};
  const code = status === 429 ? "OCI_RATE_LIMITED" : "OCI_SERVER_FAILED";
  return { name: String(status), fault: { kind: "answer", status, headers }, codes: [code] };
}

function changed(name: string, change: (body: Buffer) => Buffer): ReturnType<Kind> {
  return {
    name,
    codes: content,
    fault: {
      kind: "change",
      change: (answer) => {
        // Who has no body has nothing to change.
        if (answer.body.length === 0) return;
        answer.body = change(answer.body);
        answer.headers["content-length"] = answer.body.length;
      },
    },
  };
}
