import { type Command, defineCommand } from "../../define-command.ts";
import { annotationFlag, folderArg } from "../flags.ts";
import { layoutFlags, layoutOf, layoutReference } from "../layout-flags.ts";
import { uncommitted } from "./uncommitted.ts";

export const build: Command = defineCommand({
  name: "mod build",
  summary: "Pack a module into an OCI archive or folder",
  description:
    "Packs the folder of a module as `mod push` does, into an OCI image layout: a folder, or a tar archive\nof one, for what has no registry at hand. It has the digest that it gets in a registry, and the same\nfiles give the same bytes. `mod push` pushes it as it is.\n\nOutput is a file or folder that is not there yet. One whose name ends in .tar is an archive.",
  args: [folderArg],
  flags: {
    version: {
      type: "string",
      short: "v",
      value: "semver",
      required: true,
      summary: "Version of the module",
    },
    ...layoutFlags,
    annotation: annotationFlag,
  },
  examples: [
    { about: "Build an archive", line: "tenon mod build ./app -v 1.0.0 -o app-1.0.0.tar" },
    {
      about: "Push it later, from where there is a registry",
      line: "tenon mod push app-1.0.0.tar oci://ghcr.io/org/modules/app",
    },
    {
      about: "Build a folder, and take the digest",
      line: "tenon mod build ./app -v 1.0.0 -o dist/app -o json | jq -r .digest",
    },
  ],
  async run({ args, flags }, context) {
    const layout = layoutOf("mod build", flags);
    const { buildModule } = await import("@tenon/deploy");
    const { isPacked, isUncommitted, ...data } = await buildModule(await context.deploy(), {
      dir: args.path,
      version: flags.version,
      annotations: flags.annotation,
      ...layout,
    });
    if (isUncommitted) context.talk.warn(uncommitted(args.path));
    if (isPacked) {
      context.talk.warn(
        `${data.output} is in the folder of the module, and will be packed with it from now on: name it in timoni.ignore`,
      );
    }
    const { version, digest } = data;
    return { data, text: `artifact: ${layoutReference(data, version)}\ndigest: ${digest}` };
  },
});
