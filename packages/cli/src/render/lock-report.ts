import { printable } from "@tenon/core";
import type { LockReport, LockedChange } from "@tenon/deploy";

import { count } from "./count.ts";
import type { Paint } from "./paint.ts";

/** What changed in a lock file, a line each, and what it has now. */
export function lockText(report: LockReport, paint: Paint): string {
  const { bundle, file, modules, cueModules, changes, isWritten } = report;
  const cue = cueModules.length === 0 ? "" : ` and ${count(cueModules.length, "CUE module")}`;
  const state = isWritten ? "was written" : "is up to date";
  return [
    ...changes.map((change) => changeText(change, paint)),
    `${paint.cyan(bundle)} ${count(modules.length, "module")}${cue}: ${file} ${state}`,
  ].join("\n");
}

function changeText({ action, module, asked, before, after }: LockedChange, paint: Paint): string {
  const { version, digest } = (after ?? before)!;
  const was =
    after !== undefined && before?.version !== undefined && before.version !== version
      ? `${before.version} → `
      : "";
  const what = [module, asked, version && `${was}${version}`, digest].filter(Boolean).join(" ");
  return `${colours[action](paint)(action)} ${printable(what)}`;
}

const colours: Readonly<Record<LockedChange["action"], (paint: Paint) => Paint["green"]>> = {
  added: ({ green }) => green,
  changed: ({ yellow }) => yellow,
  removed: ({ red }) => red,
};
