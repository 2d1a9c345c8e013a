import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag, moduleFlags, packageFlag } from "../flags.ts";

export const showSchema: Command = defineCommand({
  name: "mod show schema",
  summary: "Print the JSON Schema of a module's values",
  description:
    "Prints the JSON Schema (draft 2020-12) of a module's values files, for editors and validators: types,\nbounds, choices, defaults and descriptions. It never refuses what the module accepts; where the\nmodule checks more, a $comment says why.",
  args: [
    {
      name: "module",
      summary: "Folder of the module, or oci://registry/repository",
      default: ".",
      complete: "directory",
    },
  ],
  flags: { ...moduleFlags, creds: credsFlag, package: packageFlag },
  output: ["json", "yaml"],
  examples: [
    {
      about:
        "Let the editor complete and check values.yaml, which begins with the comment\n# yaml-language-server: $schema=values.schema.json",
      line: "tenon mod show schema oci://ghcr.io/org/modules/app > values.schema.json",
    },
    {
      about: "Print the values that have to be given",
      line: "tenon mod show schema ./app | jq .properties.values.required",
    },
  ],
  async run({ args, flags }, context) {
    const [{ openModule }, { moduleSchema }] = await Promise.all([
      import("@tenon/deploy/source"),
      import("@tenon/schema"),
    ]);
    const deploy = await context.deploy();
    const module = await openModule(deploy, {
      location: args.module,
      version: flags.version,
      digest: flags.digest,
      creds: flags.creds,
    });
    const request = { module, package: flags.package };
    const schema = await moduleSchema(deploy.engine, request, { signal: context.signal });
    return { data: JSON.parse(schema) as unknown };
  },
});
