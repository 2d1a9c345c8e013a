import { printable } from "@tenon/core";
import type { Finding } from "@tenon/kube";

import { confirm } from "../confirm.ts";
import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";
import type { Paint } from "../render/paint.ts";
import { instanceArg, instanceRequest } from "./flags.ts";

export const repair: Command = defineCommand({
  name: "repair",
  summary: "Explain what is wrong with an instance, and mend what can be mended",
  description:
    "Looks at the record of an instance and, over all kinds, at the objects that carry its labels:\n\n- a record that cannot be read, or is gone, is made anew from those objects;\n- objects that the record does not know are added to it;\n- what a dead run still holds, and what it left behind, is cleared away;\n- for what needs an apply or a delete, the command is named.\n\nObjects are never changed or deleted. It asks before it writes; exits with 3 when something is wrong that\nit did not mend.",
  args: [instanceArg],
  flags: {
    "dry-run": { type: "boolean", summary: "Explain, and mend nothing" },
    yes: { type: "boolean", short: "y", summary: "Do not ask" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "See what is wrong", line: "tenon repair app -n apps --dry-run" },
    { about: "Mend it", line: "tenon repair app -n apps --yes" },
  ],
  async run({ args, flags }, context) {
    const { repairInstance } = await import("@tenon/deploy");
    const { io, paint } = context;
    const dryRun = flags["dry-run"];
    const found = await repairInstance(await context.deploy({ dryRun }), {
      ...instanceRequest(args.name, context),
      dryRun,
      async confirm(findings) {
        if (flags.yes) return true;
        if (!io.stdinIsTTY || !io.stderr.isTTY) {
          throw usageError("repair", "it asks before it writes: give --yes, or --dry-run");
        }
        return confirm(findingLines(findings, context.errPaint), "Mend this?", context);
      },
    });
    const { findings, mended, name, namespace, unread } = found;
    if (unread.length > 0) {
      context.talk.warn(`${unread.length} kinds could not be looked through: ${unread.join(", ")}`);
    }
    const left = findings.filter(({ mends }) => !(mends && mended));
    const result =
      findings.length === 0
        ? paint.green("nothing is wrong")
        : mended
          ? paint.green(`${findings.length - left.length} mended`)
          : paint.yellow(`${findings.length} found, nothing was changed`);
    return {
      data: found,
      text: [...findingLines(findings, paint), `instance ${name} in ${namespace}: ${result}`].join(
        "\n",
      ),
      exitCode: left.length > 0 ? 3 : 0,
    };
  },
});

function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  return findings.flatMap(({ problem, text, remedy }) => [
    `${paint.yellow(problem)} ${printable(text)}`,
    ...(remedy === undefined ? [] : [`  ${paint.dim("→")} ${printable(remedy)}`]),
  ]);
}
