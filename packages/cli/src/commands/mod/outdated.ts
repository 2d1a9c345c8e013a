import { type Command, defineCommand } from "../../define-command.ts";
import { placeText } from "../../render/position-text.ts";
import { table } from "../../render/table.ts";
import { bundleFlags, bundleRequest, lockFileFlag, preFlag } from "../bundle/bundle-flags.ts";
import { credsFlag } from "../flags.ts";

export const outdated: Command = defineCommand({
  name: "mod outdated",
  summary: "List the modules of a bundle that have newer versions",
  description:
    "Lists the modules of a bundle that have a newer version than the one in use, which is that of the lock\nfile, where there is one:\n\n- wanted is what `bundle update` goes to: the newest in the range, or the newest that is compatible with\n  a single version: of the same major version, and before 1.0 of the same minor;\n- latest is what `bundle update --latest` goes to: the newest of all.\n\nPre-releases count with --pre only. Modules in folders have no versions.",
  args: [],
  flags: {
    ...bundleFlags,
    lock: lockFileFlag,
    pre: preFlag,
    all: { type: "boolean", summary: "List modules that are up to date as well" },
    "exit-code": { type: "boolean", summary: "Exit with 3 if a module has a newer version" },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "List what could be updated", line: "tenon mod outdated -f bundle.cue" },
    {
      about: "Fail a nightly job when there is something new",
      line: "tenon mod outdated -f bundle.cue --exit-code",
    },
    {
      about: "List what could be updated for another program",
      line: "tenon mod outdated -f bundle.cue --all -o json",
    },
  ],
  async run({ flags }, context) {
    const { findOutdated } = await import("@tenon/deploy");
    const states = await findOutdated(await context.deploy(), {
      ...bundleRequest(flags, context),
      locked: false,
      creds: flags.creds,
      pre: flags.pre,
    });
    const shown = states.filter(({ isOutdated }) => flags.all || isOutdated);
    const data = shown.map(({ isOutdated, position, ...state }) => ({
      ...state,
      outdated: isOutdated,
      place: placeText(position),
    }));
    const rows = data.map(({ instance, module, asked, current, wanted, latest, place }) => {
      return [instance, module, asked, current, wanted, latest, place];
    });
    const header = ["INSTANCE", "MODULE", "ASKED", "CURRENT", "WANTED", "LATEST", "PLACE"];
    const isAny = states.some(({ isOutdated }) => isOutdated);
    if (!isAny) context.talk.say("all modules are up to date");
    return {
      data,
      text: rows.length === 0 ? "" : table(header, rows),
      exitCode: flags["exit-code"] && isAny ? 3 : 0,
    };
  },
});
