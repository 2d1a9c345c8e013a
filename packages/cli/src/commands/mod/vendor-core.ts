import { type Command, defineCommand } from "../../define-command.ts";
import { folderArg } from "../flags.ts";

export const vendorCoreLibrary: Command = defineCommand({
  name: "mod vendor core",
  summary: "Add the authoring library to a module",
  description:
    "Copies the authoring library of this version of Tenon, tenon.dev/core/v1, into cue.mod/pkg in\nplace of an older copy.",
  args: [folderArg],
  flags: {},
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Bring the library of the module here up to date", line: "tenon mod vendor core" },
  ],
  async run({ args }) {
    const { vendorCore } = await import("@tenon/schema");
    const library = await vendorCore({ moduleDir: args.path });
    return { data: { path: args.path, packages: [library] }, text: `vendored ${library}` };
  },
});
