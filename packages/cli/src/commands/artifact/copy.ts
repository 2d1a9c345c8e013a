import type { ArtifactCopy } from "@tenon/deploy";

import { type Command, defineCommand } from "../../define-command.ts";
import { byteCount } from "../../render/byte-count.ts";
import { credsFlag, overwriteFlag } from "../flags.ts";
import { artifactArg } from "./artifact-arg.ts";
import { platformFlag } from "./platform-flag.ts";

export const copy: Command = defineCommand({
  name: "artifact copy",
  aliases: ["cp"],
  shortName: "copy",
  summary: "Copy an artifact with everything that refers to it",
  description:
    "Copies an artifact of any kind to another repository or registry byte for byte, so that its digest stays:\nan index with all that it lists, and the signatures, schemas and other manifests that refer to any of\nit, as referrers or under tags as cosign sets them. Blobs are not written to disk, and not moved at all between repositories of a registry that can share\nthem. The tag comes last. Running it again copies what is missing.",
  args: [
    { ...artifactArg, name: "source_url" },
    {
      name: "target_url",
      summary:
        "Where it goes, as oci://registry/repository, with :tag unless it is that of the source",
      required: true,
    },
  ],
  flags: {
    platform: platformFlag,
    overwrite: overwriteFlag,
    "from-creds": { ...credsFlag, summary: "Credentials for the registry of the source" },
    "to-creds": { ...credsFlag, summary: "Credentials for the registry of the copy" },
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Mirror a module with its signatures",
      line: "tenon artifact copy oci://ghcr.io/org/modules/app:1.0.0 oci://registry.example.com/modules/app",
    },
    {
      about: "Take one platform of an image; the digest stays",
      line: "tenon artifact copy oci://ghcr.io/org/app:1.0.0 oci://registry.example.com/app --platform linux/arm64",
    },
    {
      about: "Promote exactly these bytes to another repository",
      line: "tenon artifact copy oci://ghcr.io/org/staging/app@sha256:5b94… oci://ghcr.io/org/app:1.0.0",
    },
  ],
  async run({ args, flags }, context) {
    const { copyBetween } = await import("@tenon/deploy");
    const copied = await copyBetween(await context.registry(), {
      source: args.source_url,
      target: args.target_url,
      overwrite: flags.overwrite,
      platforms: flags.platform,
      sourceCreds: flags["from-creds"],
      targetCreds: flags["to-creds"],
    });
    for (const digest of copied.missing) {
      context.talk.warn(`the source lists ${digest} and does not hold it: it is not copied`);
    }
    for (const tag of copied.keptTags) {
      context.talk.warn(`tag ${tag} stays as it was: it has signatures that the source lacks`);
    }
    return { data: copied, text: copyText(copied) };
  },
});

function copyText(copied: ArtifactCopy): string {
  const { source, target, referrers, legacyTags, blobs, movedBytes } = copied;
  return [
    `copied: ${source}`,
    `to: ${target}`,
    `referrers: ${referrers.length + legacyTags.length}`,
    `blobs: ${blobs.moved} moved (${byteCount(movedBytes)}), ${blobs.mounted} mounted, ${blobs.exists} there before`,
  ].join("\n");
}
