import { formatRef, printable } from "@tenon/core";
import type { AdoptReport } from "@tenon/deploy";
import type { AdoptedObject, AdoptionPlan } from "@tenon/kube";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { fieldLines } from "./field-changes.ts";
import type { Paint } from "./paint.ts";

/** The result of `adopt`. */
export function adoptResult(
  report: AdoptReport,
  view: { /** The plan was shown on stderr already. */ readonly asked: boolean },
  context: CommandContext,
): CommandResult {
  const { plan, changeSet, dryRun } = report;
  const { instance, namespace, tool } = plan;
  const done = changeSet !== undefined;
  const outcome = dryRun ? "would be adopted" : done ? "adopted" : "not adopted";
  const lines = [
    ...(view.asked ? [] : planLines(plan, context.paint)),
    `instance ${instance} in ${namespace}: ${outcome} from ${printable(plan.from)}`,
    ...(done
      ? [`it can be given back with: tenon leave ${instance} -n ${namespace}${way(tool)}`]
      : []),
  ];
  const { module, images } = report;
  const adopted = changeSet?.changes.map(({ ref, action }) => ({ ...ref, action }));
  return {
    data: { ...plan, dryRun, adopted: done, changes: adopted, module, images },
    text: lines.join("\n"),
    exitCode: done || (dryRun && !hasConflicts(plan)) ? 0 : 1,
  };
}

/** What adopting does: a line for each object, and below it the fields that change. */
export function planLines(plan: AdoptionPlan, paint: Paint): string[] {
  return [
    ...plan.objects.flatMap((object) => [objectLine(object, paint), ...details(object, paint)]),
    ...plan.leftBehind.map(({ ref, action, reason }) => {
      const why = reason === undefined ? "" : ` (${printable(reason)})`;
      const text = action === "deleted" ? paint.red("deleted") : paint.yellow("stays behind");
      return `${paint.cyan(formatRef(ref))} ${text}${why}`;
    }),
    ...plan.records.map((ref) => `${paint.cyan(formatRef(ref))} ${paint.red("deleted")} (record)`),
    ...plan.notes.map((note) => `${paint.yellow("note:")} ${printable(note)}`),
    summary(plan),
  ];
}

function objectLine(
  { ref, action, from, restarts, recreated, untold }: AdoptedObject,
  paint: Paint,
): string {
  const colour = { same: paint.dim, changed: paint.cyan, added: paint.green }[action];
  const whose = from.length > 0 ? ` (fields of ${from.map(printable).join(", ")})` : "";
  const pods = restarts ? paint.yellow(" (its pods are replaced)") : "";
  const anew = recreated
    ? " (recreated)"
    : untold
      ? paint.yellow(" (which fields, can only be told when they are ours)")
      : "";
  return `${paint.cyan(formatRef(ref))} ${colour(action)}${whose}${pods}${anew}`;
}

function details({ fields, conflicts }: AdoptedObject, paint: Paint): string[] {
  return [
    ...fields.flatMap((field) => fieldLines(field, paint)),
    ...conflicts.map(({ field, manager }) =>
      paint.red(`! ${printable(field)} is owned by ${printable(manager)}`),
    ),
  ].map((line) => `  ${line}`);
}

function summary({ objects, leftBehind }: AdoptionPlan): string {
  const count = (action: AdoptedObject["action"]): number =>
    objects.filter((object) => object.action === action).length;
  const stays = leftBehind.filter(({ action }) => action === "stays").length;
  const parts = [
    ...(["same", "changed", "added"] as const).map((action) => [count(action), action] as const),
    [stays, "left behind"] as const,
    [leftBehind.length - stays, "deleted"] as const,
  ];
  const text = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return text.length === 0 ? "no objects" : text.join(", ");
}

function hasConflicts({ objects }: AdoptionPlan): boolean {
  return objects.some(({ conflicts }) => conflicts.length > 0);
}

function way(tool: AdoptionPlan["tool"]): string {
  return tool === "timoni" || tool === "kubectl" ? ` --to ${tool}` : "";
}
