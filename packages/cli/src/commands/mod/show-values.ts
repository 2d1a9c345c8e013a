import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag, moduleArg, moduleFlags, moduleRequest, packageFlag } from "../flags.ts";

export const showValues: Command = defineCommand({
  name: "mod show values",
  summary: "Print the values of a module with their defaults",
  description:
    "Prints the values that a module takes: its defaults, and as CUE also the types of what has none.",
  args: [{ ...moduleArg, default: "." }],
  flags: { ...moduleFlags, creds: credsFlag, package: packageFlag },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Print the values of the module here", line: "tenon mod show values" },
    {
      about: "Begin a values file",
      line: "tenon mod show values oci://ghcr.io/org/modules/app -o yaml > values.yaml",
    },
  ],
  async run({ args, flags }, context) {
    const [{ openModule }, { moduleValues }] = await Promise.all([
      import("@tenon/deploy/source"),
      import("@tenon/schema"),
    ]);
    const deploy = await context.deploy();
    const module = await openModule(deploy, moduleRequest(args.module, flags));
    const request = { module, moduleVersion: module.version, package: flags.package };
    const { cue, json } = await moduleValues(deploy.engine, request, { signal: context.signal });
    const data: unknown = { values: JSON.parse(json) };
    return { data, text: `values: ${cue}` };
  },
});
