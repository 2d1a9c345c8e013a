import type { UpdateReport } from "@tenon/deploy";

import type { CommandContext } from "../../context.ts";
import { type Command, defineCommand } from "../../define-command.ts";
import { changeDiff, painted } from "../../render/formatted-files.ts";
import { lockText } from "../../render/lock-report.ts";
import { placeText } from "../../render/position-text.ts";
import { credsFlag } from "../flags.ts";
import { bundleFlags, bundleRequest, lockFileFlag, preFlag } from "./bundle-flags.ts";

export const update: Command = defineCommand({
  name: "bundle update",
  summary: "Move the modules of a bundle to newer versions",
  description:
    "Rewrites the versions that the files of a bundle have for modules, and the digests beside them, and\nleaves every other byte as it is:\n\n- a single version goes to the newest that is compatible with it: of the same major version, and\n  before 1.0 of the same minor; with --latest to the newest of all;\n- a range stays as it is while the newest version is in it; with --latest ^1.2 becomes ^2.0;\n- a version that is computed is left as it is and named, with its place.\n\nThe bundle is evaluated with the new text before a file is replaced. Then the lock file is renewed, if\nthe bundle has one.",
  args: [
    {
      name: "instance",
      summary: "Names of instances whose modules to update; all unless given",
      many: true,
    },
  ],
  flags: {
    ...bundleFlags,
    lock: lockFileFlag,
    latest: { type: "boolean", summary: "Go to the newest version, compatible or not" },
    pre: preFlag,
    "dry-run": { type: "boolean", summary: "Print what would change in the files, and do nothing" },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Update all modules", line: "tenon bundle update -f bundle.cue" },
    { about: "See what that would change", line: "tenon bundle update -f bundle.cue --dry-run" },
    {
      about: "Move one instance to the newest version there is",
      line: "tenon bundle update web -f bundle.cue --latest",
    },
  ],
  async run({ args, flags }, context) {
    const { updateBundle } = await import("@tenon/deploy");
    const report = await updateBundle(await context.deploy(), {
      ...bundleRequest(flags, context),
      locked: false,
      creds: flags.creds,
      instances: args.instance,
      latest: flags.latest,
      pre: flags.pre,
      dryRun: flags["dry-run"],
    });
    for (const { instance, module, from, to, reason, position } of report.held) {
      const place = [placeText(position)].filter(Boolean).map((text) => `${text}: `);
      context.talk.warn(
        `${place.join("")}${module} of ${instance} stays at ${from}, not ${to}: ${reason}`,
      );
    }
    return { data: dataOf(report), text: textOf(report, flags["dry-run"], context) };
  },
});

function dataOf({ bundle, updates, held, files, lock }: UpdateReport): unknown {
  return {
    bundle,
    updates: updates.map(({ position, ...one }) => ({ ...one, place: placeText(position) })),
    held: held.map(({ position, ...one }) => ({ ...one, place: placeText(position) })),
    files: files.map((file) => ({ name: file.name, diff: changeDiff(file.name, file) })),
    lock,
  };
}

function textOf(
  { bundle, updates, files, lock }: UpdateReport,
  isDryRun: boolean,
  { paint }: CommandContext,
): string {
  if (isDryRun) return files.map((file) => painted(changeDiff(file.name, file), paint)).join("");
  const lines = updates.map(({ instance, module, from, to, position }) =>
    [paint.magenta(instance), module, from, "→", paint.green(to), placeText(position)].join(" "),
  );
  const locked = lock.map((one) => lockText(one, paint));
  const nothing = updates.length === 0 ? [`${paint.cyan(bundle)} nothing to update`] : [];
  return [...lines, ...nothing, ...locked].join("\n");
}
