import type { EvaluationCost } from "@tenon/cue-wasm";

import { table } from "./table.ts";

const phases = ["merge", "load", "build", "encode"] as const;

/** What evaluations cost in milliseconds, the same things added up, the dearest first. */
export function timingsTable(costs: readonly EvaluationCost[]): string {
  const byLabel = new Map<string, EvaluationCost[]>();
  for (const cost of costs) byLabel.set(cost.label, [...(byLabel.get(cost.label) ?? []), cost]);
  const rows = [...byLabel]
    .map(([label, same]) => ({ label, same, total: sum(same.map(({ wallMs }) => wallMs)) }))
    .toSorted((a, b) => b.total - a.total)
    .map(({ label, same, total }) => [
      label,
      `${same.length}`,
      ms(total),
      ...phases.map((phase) => ms(sum(same.map(({ timings }) => timings[phase] ?? 0)) / 1000)),
    ]);
  const header = phases.map((phase) => phase.toUpperCase());
  return table(["EVALUATED", "TIMES", "MS", ...header], rows);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function ms(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 1 : 0);
}
