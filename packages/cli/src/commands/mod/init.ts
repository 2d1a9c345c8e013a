import { type Command, defineCommand } from "../../define-command.ts";

export const init: Command = defineCommand({
  name: "mod init",
  summary: "Make a new module",
  description:
    "Makes a module in a new folder, with its schemas vendored: it builds, applies and publishes as it\nis. No network is needed.",
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
    const { initModule, vendorK8s } = await import("@tenon/schema");
    const path = await initModule({ name: args.name, dir: args.path });
    await vendorK8s({ moduleDir: path, signal: context.signal });
    return { data: { name: args.name, path }, text: `module initialized at ${path}` };
  },
});
