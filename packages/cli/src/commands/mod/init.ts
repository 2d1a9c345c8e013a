import { join } from "node:path";

import { type Command, defineCommand } from "../../define-command.ts";

export const init: Command = defineCommand({
  name: "mod init",
  summary: "Make a new module",
  description:
    "Makes a module in a new folder, with its schemas vendored and the JSON Schema of its values, which\neditors read: it builds, applies and publishes as it is. No network is needed.",
  args: [
    { name: "name", summary: "Name of the module", required: true },
    {
      name: "path",
      summary: "Folder in which the module's folder is made",
      default: ".",
      complete: "directory",
    },
  ],
  flags: {},
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Make the module app in ./app", line: "tenon mod init app" },
    {
      about: "Make it elsewhere, then check it",
      line: "tenon mod init app ./modules\ntenon mod vet ./modules/app",
    },
  ],
  async run({ args }, context) {
    const { initModule, moduleSchema, moduleSchemaFile, readModule, vendorK8s, writeSchemaFile } =
      await import("@tenon/schema");
    const { engine } = await context.deploy();
    const { signal } = context;
    const path = await initModule({ name: args.name, dir: args.path });
    await vendorK8s({ moduleDir: path, signal });
    const module = await readModule(path, { signal });
    const schema = await moduleSchema(engine, { module }, { signal });
    await writeSchemaFile(join(path, moduleSchemaFile), schema);
    return { data: { name: args.name, path }, text: `module initialized at ${path}` };
  },
});
