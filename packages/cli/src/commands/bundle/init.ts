import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag } from "../flags.ts";

export const init: Command = defineCommand({
  name: "bundle init",
  summary: "Begin a bundle",
  description:
    "Begins the file of a bundle in YAML or JSON, with an instance of each module that is given. Beside it\ngoes its JSON Schema, with the values of the modules, which the file names: editors complete and\ncheck it. `tenon bundle show schema` writes the schema anew.",
  args: [
    { name: "name", summary: "Name of the bundle", required: true },
    { name: "file", summary: "File to begin", default: "bundle.yaml", complete: "file" },
  ],
  flags: {
    module: {
      type: "strings",
      short: "m",
      value: "module",
      complete: "directory",
      summary: "Folder of a module, or oci://registry/repository; may be repeated",
    },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Begin a bundle with an instance of a module",
      line: "tenon bundle init shop --module oci://ghcr.io/org/modules/app",
    },
    {
      about: "Begin it in JSON, with the modules of two folders",
      line: "tenon bundle init shop shop.json -m ./web -m ./api",
    },
  ],
  async run({ args, flags }, context) {
    const { initBundle } = await import("@tenon/deploy");
    const begun = await initBundle(await context.deploy(), {
      name: args.name,
      file: args.file,
      modules: flags.module,
      creds: flags.creds,
    });
    return { data: begun, text: `bundle begun in ${begun.file}, its schema in ${begun.schema}` };
  },
});
