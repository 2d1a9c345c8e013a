import { confirm } from "../confirm.ts";
import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";
import { adoptResult, planLines } from "../render/adopt-result.ts";
import { warnAll } from "../render/warnings.ts";
import {
  instanceArg,
  instanceRequest,
  moduleArg,
  moduleRequest,
  renderFlags,
  valuesRequest,
} from "./flags.ts";

export const adopt: Command = defineCommand({
  name: "adopt",
  summary: "Take an instance over from Timoni, Helm, Flux or kubectl",
  description:
    "Builds an instance, compares it with the objects that another tool manages, shows what is the same\nand which fields would change, and asks. Then the ownership of the fields moves, without a restart,\nthe instance is applied, and the other tool's record goes.\n\nWhat the other tool has and the module has not stays behind, unless --prune deletes it. A run that\nwas ended is completed by the same command. `tenon leave` gives an instance back.",
  args: [instanceArg, { ...moduleArg, required: true }],
  flags: {
    from: {
      type: "string",
      required: true,
      value: "tool",
      choices: ["timoni", "helm", "flux", "kubectl"],
      summary: "The tool that manages the objects",
    },
    "from-name": {
      type: "string",
      value: "name",
      summary:
        "Release, instance or Flux object that it is there, also as namespace/name; the instance's name unless given",
    },
    manager: {
      type: "strings",
      value: "name",
      summary: "Field manager that counts as the tool's beside its own; may be repeated",
    },
    ...renderFlags,
    "dry-run": { type: "boolean", summary: "Print what would be done, and do nothing" },
    yes: { type: "boolean", short: "y", summary: "Do not ask" },
    prune: { type: "boolean", summary: "Delete what the tool has and the module has not" },
    wait: { type: "boolean", default: true, summary: "Wait until the objects are ready" },
    "force-conflicts": {
      type: "boolean",
      summary: "Take fields that managers other than the tool own",
    },
    "overwrite-ownership": {
      type: "boolean",
      summary: "Take over objects that belong to another instance or release",
    },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    {
      about: "See what taking a Helm release over would change",
      line: "tenon adopt shop ./shop -n apps --from helm --dry-run",
    },
    {
      about: "Take objects over that kubectl has applied, without a question",
      line: "tenon adopt shop ./shop -n apps --from kubectl --yes",
    },
  ],
  async run({ args, flags }, context) {
    const { io, globals } = context;
    const dryRun = flags["dry-run"];
    if (!dryRun && !flags.yes && !io.stdinIsTTY) {
      throw usageError("adopt", "There is no terminal to ask on: give --yes or --dry-run");
    }
    const { adoptInstance, readValues } = await import("@tenon/deploy");
    const { parseYamlDocuments } = await import("../render/yaml-text.ts");
    const report = await adoptInstance(await context.deploy({ dryRun }), {
      ...instanceRequest(args.name, context),
      module: moduleRequest(args.module, flags),
      values: await readValues(valuesRequest(flags, context)),
      package: flags.package,
      tool: flags.from,
      fromName: flags["from-name"],
      managers: flags.manager,
      prune: flags.prune,
      dryRun,
      wait: flags.wait,
      timeoutMs: globals.timeout,
      forceConflicts: flags["force-conflicts"],
      overwriteOwnership: flags["overwrite-ownership"],
      parseYaml: parseYamlDocuments,
      confirm: async (plan) =>
        flags.yes || confirm(planLines(plan, context.errPaint), "Adopt it?", context),
    });
    warnAll(report.warnings, context);
    return adoptResult(report, { asked: !flags.yes && !dryRun }, context);
  },
});
