import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag, moduleArg, moduleFlags, moduleRequest, packageFlag } from "../flags.ts";
import { schemaResult } from "../schema-result.ts";

export const showSchema: Command = defineCommand({
  name: "mod show schema",
  summary: "Print the JSON Schema of a module's values",
  description:
    "Prints the JSON Schema (draft 2020-12) of a module's values files, for editors and validators: types,\nbounds, choices, defaults and descriptions. It never refuses what the module accepts; where the\nmodule checks more, a $comment says why.",
  args: [{ ...moduleArg, default: "." }],
  flags: {
    ...moduleFlags,
    creds: credsFlag,
    package: packageFlag,
    for: {
      type: "string",
      value: "file",
      complete: "file",
      summary: "Write it beside this values file, in YAML or JSON, and name it there",
    },
  },
  output: ["json", "yaml"],
  examples: [
    {
      about: "Let editors complete and check values.yaml, which is begun if it is not there",
      line: "tenon mod show schema oci://ghcr.io/org/modules/app --for values.yaml",
    },
    {
      about: "Print the values that have to be given",
      line: "tenon mod show schema ./app | jq .properties.values.required",
    },
  ],
  async run({ args, flags }, context) {
    const [{ openModule }, { moduleSchema, writeSchemaFor }] = await Promise.all([
      import("@tenon/deploy/source"),
      import("@tenon/schema"),
    ]);
    const deploy = await context.deploy();
    const module = await openModule(deploy, moduleRequest(args.module, flags));
    const request = { module, package: flags.package };
    const schema = await moduleSchema(deploy.engine, request, { signal: context.signal });
    if (flags.for === undefined) return schemaResult(schema, context);
    context.talk.say(`wrote ${await writeSchemaFor(flags.for, schema)}, named in ${flags.for}`);
    return { raw: "" };
  },
});
