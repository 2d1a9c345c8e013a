import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { credsFlag, overwriteFlag } from "../flags.ts";
import { pushKey, signFlags } from "../signing-key-flags.ts";
import { packFlags, repositoryArg, tagsFlag } from "./artifact-arg.ts";

export const push: Command = defineCommand({
  name: "artifact push",
  summary: "Push files to a registry",
  description:
    "Packs a file or a folder, leaving out what timoni.ignore in it names, and pushes it as an artifact with\none layer. The commit, time and remote of a git checkout become annotations. A tag that is a released\nversion stays where it is, unless --overwrite is given.\n\nWhat `artifact build` wrote is pushed as it is, after every byte of it is verified.",
  args: [repositoryArg],
  flags: {
    tag: tagsFlag,
    ...packFlags,
    ...signFlags,
    overwrite: overwriteFlag,
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Push a folder under two tags",
      line: "tenon artifact push oci://ghcr.io/org/schemas -t 1.0.0 -t latest -f ./schemas",
    },
    {
      about: "Say what is in it, and where it comes from",
      line: "tenon artifact push oci://ghcr.io/org/schemas -t 1.0.0 -f ./schemas --content-type cue.mod/gen \\\n  -a org.opencontainers.image.source=https://github.com/org/schemas",
    },
    {
      about: "Push what was built before",
      line: "tenon artifact push oci://ghcr.io/org/schemas -t 1.0.0 -f schemas-1.0.0.tar",
    },
    {
      about: "Sign it before the tag is set",
      line: "tenon artifact push oci://ghcr.io/org/schemas -t 1.0.0 -f ./schemas --sign cosign --cosign-key signing.key",
    },
  ],
  async run({ args, flags }, context) {
    const [tag] = flags.tag;
    if (tag === undefined) throw usageError("artifact push", "--tag is missing");
    const key = await pushKey(flags, "artifact push", context);
    const { pushFiles } = await import("@tenon/deploy");
    const { repository, digest, signature, isBuilt } = await pushFiles(await context.registry(), {
      path: flags.filepath,
      url: args.repository_url,
      tags: flags.tag,
      contentType: flags["content-type"],
      annotations: flags.annotation,
      resolveLinks: flags["resolve-symlinks"],
      key,
      overwrite: flags.overwrite,
      creds: flags.creds,
    });
    if (isBuilt) context.talk.say(`${flags.filepath} is built already, and pushed as it is`);
    return {
      data: {
        url: `${repository}@${digest}`,
        repository: repository.replace("oci://", ""),
        tag,
        digest,
        signature,
      },
      text: [
        ...flags.tag.map((each) => `artifact: ${repository}:${each}`),
        `digest: ${digest}`,
        ...(signature === undefined ? [] : [`signature: ${signature}`]),
      ].join("\n"),
    };
  },
});
