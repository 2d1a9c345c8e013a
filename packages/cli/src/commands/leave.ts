import { type Command, defineCommand } from "../define-command.ts";
import { leaveResult } from "../render/leave-result.ts";
import { instanceArg, instanceRequest } from "./flags.ts";

export const leave: Command = defineCommand({
  name: "leave",
  summary: "Give an instance back: forget it and keep its objects",
  description:
    "Removes the labels of Tenon and gives the fields of the objects to another tool, or to nobody.\nNothing is deleted and nothing restarts; the record of the instance goes last.\n\n- without --to the objects belong to nobody, and any tool can take them over;\n- with --to kubectl, `kubectl apply` goes on, client-side or server-side: it also removes what has left its file;\n- with --to timoni, the next `timoni apply` goes on as if it had always managed the instance.",
  args: [instanceArg],
  flags: {
    to: {
      type: "string",
      value: "tool",
      choices: ["kubectl", "timoni"],
      summary: "The tool that manages the objects from now on",
    },
    "dry-run": { type: "boolean", summary: "Print what would be done, and do nothing" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Go on with kubectl apply", line: "tenon leave shop -n apps --to kubectl" },
    { about: "Leave plain objects, for Helm to take over", line: "tenon leave shop -n apps" },
  ],
  async run({ args, flags }, context) {
    const { leaveInstance } = await import("@tenon/deploy");
    const dryRun = flags["dry-run"];
    const leaving = await leaveInstance(await context.deploy({ dryRun }), {
      ...instanceRequest(args.name, context),
      to: flags.to ?? "nobody",
      dryRun,
    });
    return leaveResult(leaving, dryRun, context.paint);
  },
});
