import { type Command, defineCommand } from "../../define-command.ts";
import { layoutFlags, layoutOf, layoutReference } from "../layout-flags.ts";
import { packFlags, tagsFlag } from "./artifact-arg.ts";

export const build: Command = defineCommand({
  name: "artifact build",
  summary: "Pack files into an OCI archive or folder",
  description:
    "Packs a file or a folder as `artifact push` does, into an OCI image layout: a folder, or a tar archive\nof one, for what has no registry at hand. It has the digest that it gets in a registry, and the same\nfiles give the same bytes. `artifact push` pushes it as it is.\n\nOutput is a file or folder that is not there yet. One whose name ends in .tar is an archive.",
  args: [],
  flags: {
    ...packFlags,
    tag: { ...tagsFlag, summary: "Name of the artifact in the archive or folder; may be repeated" },
    ...layoutFlags,
  },
  examples: [
    {
      about: "Build an archive",
      line: "tenon artifact build -f ./schemas -t 1.0.0 -o schemas-1.0.0.tar",
    },
    {
      about: "Push it later, from where there is a registry",
      line: "tenon artifact push oci://ghcr.io/org/schemas -t 1.0.0 -f schemas-1.0.0.tar",
    },
  ],
  async run({ flags }, context) {
    const layout = layoutOf("artifact build", flags);
    const { buildFiles } = await import("@tenon/deploy");
    const { isPacked, ...data } = await buildFiles(await context.registry(), {
      path: flags.filepath,
      contentType: flags["content-type"],
      annotations: flags.annotation,
      resolveLinks: flags["resolve-symlinks"],
      tags: flags.tag,
      ...layout,
    });
    if (isPacked) {
      context.talk.warn(
        `${data.output} is in the folder that was packed, and will be packed with it from now on: name it in timoni.ignore`,
      );
    }
    const { tags, digest } = data;
    const names = tags.length === 0 ? [undefined] : tags;
    const lines = names.map((tag) => `artifact: ${layoutReference(data, tag)}`);
    return { data, text: [...lines, `digest: ${digest}`].join("\n") };
  },
});
