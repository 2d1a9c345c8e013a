import { formatRef, printable } from "@tenon/core";
import type { Leaving } from "@tenon/kube";

import type { CommandResult } from "../define-command.ts";
import type { Paint } from "./paint.ts";

/** The result of `leave`. */
export function leaveResult(leaving: Leaving, dryRun: boolean, paint: Paint): CommandResult {
  const { instance, namespace, to, objects, record, notes } = leaving;
  const suffix = dryRun ? paint.dim(" (dry run)") : "";
  const whose = to === "nobody" ? "left as plain objects" : `left to ${to}`;
  const lines = [
    ...objects.map(({ ref, action, reason }) => {
      const why = reason === undefined ? "" : ` (${printable(reason)})`;
      const text = action === "left" ? paint.green(action) : paint.dim(action);
      return `${paint.cyan(formatRef(ref))} ${text}${why}${suffix}`;
    }),
    `${paint.cyan(formatRef(record))} ${paint.red("deleted")} (record)${suffix}`,
    ...notes.map((note) => `${paint.yellow("note:")} ${printable(note)}`),
    `instance ${instance} in ${namespace}: ${whose}${suffix}`,
  ];
  return { data: { ...leaving, dryRun }, text: lines.join("\n") };
}
