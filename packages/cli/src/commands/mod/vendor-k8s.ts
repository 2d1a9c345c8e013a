import { type Command, defineCommand } from "../../define-command.ts";
import { folderArg } from "../flags.ts";

export const vendorKubernetes: Command = defineCommand({
  name: "mod vendor k8s",
  summary: "Add the schemas of the Kubernetes API to a module",
  description:
    "Copies the CUE schemas of the Kubernetes API into cue.mod/gen in place of older copies. They come\nwith Tenon: no network is needed.",
  args: [folderArg],
  flags: {
    version: {
      type: "string",
      short: "v",
      value: "minor",
      default: "latest",
      summary: "Version of Kubernetes, such as 1.36",
    },
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Bring the schemas of the module here up to date", line: "tenon mod vendor k8s" },
  ],
  async run({ args, flags }, context) {
    const { defaultKubeVersion, vendorK8s } = await import("@tenon/schema");
    const { signal } = context;
    const packages = await vendorK8s({ moduleDir: args.path, version: flags.version, signal });
    return {
      data: { path: args.path, version: defaultKubeVersion, packages },
      text: `vendored ${packages.length} packages of Kubernetes ${defaultKubeVersion}`,
    };
  },
});
