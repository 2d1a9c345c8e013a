import { printable } from "@tenon/core";

import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag, moduleArg, moduleFlags, moduleRequest } from "../flags.ts";

export const showReadme: Command = defineCommand({
  name: "mod show readme",
  summary: "Print the README.md of a module",
  description: "Prints the README.md of a module as it is.",
  args: [{ ...moduleArg, default: "." }],
  flags: { ...moduleFlags, creds: credsFlag },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Read about the module here", line: "tenon mod show readme" },
    {
      about: "Read about a published version",
      line: "tenon mod show readme oci://ghcr.io/org/modules/app -v 1.0.0 | less",
    },
  ],
  async run({ args, flags }, context) {
    const { openModule } = await import("@tenon/deploy/source");
    const { moduleReadme } = await import("@tenon/schema");
    const request = { ...moduleRequest(args.module, flags), alone: true };
    const module = await openModule(await context.deploy(), request);
    const readme = moduleReadme(module);
    if (context.format !== "text") return { data: { readme } };
    return { raw: context.io.stdout.isTTY ? printable(readme) : readme };
  },
});
