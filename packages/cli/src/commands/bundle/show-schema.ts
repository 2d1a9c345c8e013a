import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag } from "../flags.ts";
import { schemaResult } from "../schema-result.ts";
import { bundleFlags, bundleRequest } from "./bundle-flags.ts";

export const showSchema: Command = defineCommand({
  name: "bundle show schema",
  summary: "Print the JSON Schema of a bundle",
  description:
    "Prints the JSON Schema (draft 2020-12) of a bundle's file, for editors: the fields of a bundle, and\nfor each instance that is in it the values of its module.",
  args: [],
  flags: {
    ...bundleFlags,
    creds: credsFlag,
    for: {
      type: "string",
      value: "file",
      complete: "file",
      summary: "Write it beside this file, in YAML or JSON, and name it there",
    },
  },
  output: ["json", "yaml"],
  cluster: true,
  examples: [
    {
      about: "Let editors complete and check a bundle, also after an instance was added",
      line: "tenon bundle show schema -f bundle.yaml --for bundle.yaml",
    },
  ],
  async run({ flags }, context) {
    const [{ bundleSchema }, { writeSchemaFor }] = await Promise.all([
      import("@tenon/deploy"),
      import("@tenon/schema"),
    ]);
    const schema = await bundleSchema(await context.deploy(), {
      ...bundleRequest(flags, context),
      creds: flags.creds,
    });
    if (flags.for === undefined) return schemaResult(schema, context);
    context.talk.say(`wrote ${await writeSchemaFor(flags.for, schema)}, named in ${flags.for}`);
    return { raw: "" };
  },
});
