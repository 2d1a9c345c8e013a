import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { credsFlag, overwriteFlag } from "../flags.ts";
import { artifactArg, tagsFlag } from "./artifact-arg.ts";

export const tag: Command = defineCommand({
  name: "artifact tag",
  summary: "Give further tags to an artifact",
  description:
    "Lets tags of the same repository point to an artifact; nothing is uploaded but its manifest. A tag that\nis a released version stays where it is, unless --overwrite is given.",
  args: [artifactArg],
  flags: { tag: tagsFlag, overwrite: overwriteFlag, creds: credsFlag },
  examples: [
    {
      about: "Let stable follow a release",
      line: "tenon artifact tag oci://ghcr.io/org/schemas:1.0.0 -t stable",
    },
  ],
  async run({ args, flags }, context) {
    if (flags.tag.length === 0) throw usageError("artifact tag", "--tag is missing");
    const { tagArtifact } = await import("@tenon/deploy");
    const { repository, digest } = await tagArtifact(await context.registry(), {
      url: args.artifact_url,
      tags: flags.tag,
      overwrite: flags.overwrite,
      creds: flags.creds,
    });
    const lines = flags.tag.map((each) => `tagged: ${repository}:${each}`);
    return { text: [...lines, `digest: ${digest}`].join("\n") };
  },
});
