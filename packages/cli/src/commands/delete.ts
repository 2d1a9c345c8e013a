import { type Command, defineCommand } from "../define-command.ts";
import { changeData, changeLines, summaryOf } from "../render/changes.ts";
import { leaveResult } from "../render/leave-result.ts";
import { instanceArg, instanceRequest } from "./flags.ts";

export const deleteCommand: Command = defineCommand({
  name: "delete",
  aliases: ["uninstall"],
  summary: "Delete an instance and its objects",
  description:
    "Deletes the objects of an instance in reverse order, and then its record. Objects with the\nannotation action.timoni.sh/prune: disabled stay. With --orphan all objects stay, as plain objects that\nbelong to nobody.",
  args: [instanceArg],
  flags: {
    "dry-run": { type: "boolean", summary: "Print what would be deleted, and delete nothing" },
    wait: { type: "boolean", default: true, summary: "Wait until the objects are gone" },
    orphan: { type: "boolean", summary: "Forget the instance and keep its objects" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Delete an instance", line: "tenon delete app -n apps" },
    { about: "See what that would delete", line: "tenon delete app -n apps --dry-run" },
    { about: "Forget it, and keep its objects", line: "tenon delete app -n apps --orphan" },
  ],
  async run({ args, flags }, context) {
    const { deleteInstance, leaveInstance } = await import("@tenon/deploy");
    const dryRun = flags["dry-run"];
    if (flags.orphan) {
      const leaving = await leaveInstance(await context.deploy({ dryRun }), {
        ...instanceRequest(args.name, context),
        dryRun,
      });
      return leaveResult(leaving, dryRun, context.paint);
    }
    const { namespace, changes } = await deleteInstance(await context.deploy({ dryRun }), {
      ...instanceRequest(args.name, context),
      dryRun,
      wait: flags.wait,
      timeoutMs: context.globals.timeout,
    });
    const suffix = dryRun ? " (dry run)" : "";
    const lines = changeLines(changes, { suffix, fields: false }, context.paint);
    return {
      data: { instance: args.name, namespace, dryRun, changes: changes.map(changeData) },
      text: [
        ...lines,
        `instance ${args.name} in ${namespace}: ${summaryOf(changes)}${suffix}`,
      ].join("\n"),
    };
  },
});
