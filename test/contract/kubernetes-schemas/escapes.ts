import type { ApiServer } from "./api-server.ts";
import type { Slip } from "./slips.ts";

/** What slips and a server say of an offline check. */
export interface Escapes {
  /** Slips that the server refuses, and how many of them the check finds. */
  readonly refused: number;
  readonly caught: number;
  /** Slips that the server takes. */
  readonly accepted: number;
  /** Those among them that the check reports. */
  readonly falseAlarms: readonly string[];
  /** The slips that escape the check by cause, for people. */
  readonly report: string;
}

interface Trial {
  readonly server: ApiServer;
  readonly wanted: { readonly refused: number; readonly accepted: number };
  /** What the check finds in an object. */
  readonly vet: (json: string) => Promise<readonly string[]>;
}

const parallel = 12;

/** Asks the server about slips until enough were refused and enough taken, each object once. */
export async function escapes(slips: Iterable<Slip>, trial: Trial): Promise<Escapes> {
  const counts = { refused: 0, caught: 0, accepted: 0 };
  const falseAlarms: string[] = [];
  const misses = new Map<string, string[]>();
  const seen = new Set<string>();
  const next = slips[Symbol.iterator]();

  async function judge({ title, object }: Slip): Promise<void> {
    const json = JSON.stringify(object);
    if (seen.has(json)) return;
    seen.add(json);
    const problems = await trial.vet(json);
    const refusal = await trial.server.refusesApply(object);
    if (refusal !== undefined) {
      counts.refused++;
      if (problems.length > 0) counts.caught++;
      else misses.set(causeOf(refusal), [...(misses.get(causeOf(refusal)) ?? []), title]);
      // Server-side apply cuts numbers to size without a word, and takes fields of empty types.
    } else if (problems.length === 0 || (await trial.server.refusesCreate(object)) === undefined) {
      counts.accepted++;
      if (problems.length > 0) falseAlarms.push(`${title}: ${problems.join("; ")}`);
    }
  }

  const isEnough = (): boolean =>
    counts.refused >= trial.wanted.refused && counts.accepted >= trial.wanted.accepted;
  const worker = async (): Promise<void> => {
    while (!isEnough()) await judge(next.next().value as Slip);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return { ...counts, falseAlarms, report: reportOf(counts, misses) };
}

/** What the server refuses for, without what is particular to the object. */
function causeOf(refusal: string): string {
  if (refusal.startsWith("404")) return "an API version or kind that nothing serves";
  if (/compilation failed|Rule":"/.test(refusal)) return "a CEL expression with a wrong type";
  if (refusal.startsWith("403")) return "admission: what is in the cluster";
  if (/failed to convert new object/.test(refusal)) return "a schema inside a schema";
  const [, field = "", reason = ""] =
    /is invalid: \[?([^:]+): ([^:]+(?:: "[^"]*": [^,:;]+)?)/.exec(refusal) ?? [];
  if (field === "") return refusal.slice(0, 100);
  const place = field.replaceAll(/\[[^\]]*\]/g, "[]");
  return `${place}: ${reason.replaceAll(/"[^"]*"/g, '"…"')}`;
}

function reportOf(
  { refused, caught, accepted }: Pick<Escapes, "refused" | "caught" | "accepted">,
  misses: ReadonlyMap<string, readonly string[]>,
): string {
  const share = ((100 * caught) / refused).toFixed(1);
  const head = `${caught} of ${refused} refused slips are found (${share}%); ${accepted} are taken`;
  const causes = [...misses].toSorted(([, a], [, b]) => b.length - a.length);
  return [
    head,
    ...causes.map(([cause, titles]) => `  ${titles.length} × ${cause} (${titles[0]})`),
  ].join("\n");
}
