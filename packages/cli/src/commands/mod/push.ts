import type { PublishedModule } from "@tenon/deploy";

import type { CommandContext } from "../../context.ts";
import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { annotationFlag, corpusFlag, credsFlag, overwriteFlag } from "../flags.ts";
import { pushKey, signFlags } from "../signing-key-flags.ts";
import { uncommitted } from "./uncommitted.ts";

export const push: Command = defineCommand({
  name: "mod push",
  summary: "Publish a module to a registry",
  description:
    "Packs the folder of a module, leaving out what timoni.ignore names, and pushes it to a registry\nunder its version, and a stable one as the latest version too. What `mod build` wrote is pushed as it\nis, under the version that it was built as. A released version stays what it is, unless --overwrite is\ngiven.\n\nAttached to it, as manifests that refer to it, are the JSON Schema and the TypeScript type of its values,\nits README and licences, and a statement of its provenance.\n\nWith --check-compat it is compared with the newest stable version in the repository, as `mod diff` does:\na breaking change needs a new major version, or a new minor one before 1.0.0.",
  args: [
    {
      name: "module_path",
      summary: "Folder of the module, or the archive or folder that `mod build` wrote",
      required: true,
      complete: "file",
    },
    { name: "module_url", summary: "Where it goes, as oci://registry/repository", required: true },
  ],
  flags: {
    version: {
      type: "string",
      short: "v",
      value: "semver",
      summary: "Version of the module; a built one knows its own",
    },
    latest: {
      type: "boolean",
      undecided: true,
      summary: "Tag it as the latest version too; unless given, stable versions are",
    },
    annotation: annotationFlag,
    "check-compat": {
      type: "boolean",
      summary: "Refuse a module that breaks more than its version says",
    },
    values: corpusFlag,
    ...signFlags,
    overwrite: overwriteFlag,
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Publish a release",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.0.0",
    },
    {
      about: "Publish a pre-release with its source; latest stays where it is",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.1.0-rc.1 \\\n  -a org.opencontainers.image.source=https://github.com/org/app",
    },
    {
      about: "Publish a release, unless it breaks more than its version says",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.1.0 --check-compat --values corpus",
    },
    {
      about: "Publish a signed release",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.0.0 --sign cosign --cosign-key signing.key",
    },
    {
      about: "Publish what was built before",
      line: "tenon mod push app-1.0.0.tar oci://ghcr.io/org/modules/app",
    },
    {
      about: "Take the digest of what was published",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.0.0 -o json | jq -r .digest",
    },
  ],
  async run({ args, flags }, context) {
    const isChecked = flags["check-compat"];
    if (!isChecked && flags.values.length > 0) {
      throw usageError("mod push", "--values needs --check-compat");
    }
    const key = await pushKey(flags, "mod push", context);
    const { publishModule, readCorpus } = await import("@tenon/deploy");
    const published = await publishModule(await context.deploy(), {
      path: args.module_path,
      url: args.module_url,
      version: flags.version,
      latest: flags.latest,
      annotations: flags.annotation,
      creds: flags.creds,
      key,
      overwrite: flags.overwrite,
      compatibility: isChecked ? { samples: await readCorpus(flags.values) } : undefined,
    });
    if (isChecked) tellCompatibility(published, context);
    const { schemaFailure, attachFailure, isUncommitted } = published;
    if (isUncommitted) context.talk.warn(uncommitted(args.module_path));
    if (schemaFailure !== undefined) {
      context.talk.warn(`the module has no JSON Schema of its values: ${schemaFailure.message}`);
    }
    if (attachFailure !== undefined) {
      context.talk.warn(`nothing is attached to the module: ${attachFailure.message}`);
    }
    const { url, repository, version, digest, signature } = published;
    const { schema, attached, compatibility } = published;
    return {
      data: { url, repository, version, digest, signature, schema, attached, compatibility },
      text: [
        `artifact: oci://${repository}:${version}`,
        `digest: ${digest}`,
        ...(signature === undefined ? [] : [`signature: ${signature}`]),
      ].join("\n"),
    };
  },
});

function tellCompatibility(
  { version, compatibility }: PublishedModule,
  { talk }: CommandContext,
): void {
  if (compatibility === undefined) {
    talk.say("no stable version to compare with");
    return;
  }
  const { comparedWith, bump, suggestedBump } = compatibility;
  const changes = suggestedBump === "none" ? "nothing is different" : `${suggestedBump} changes`;
  talk.say(`compared with ${comparedWith}: ${changes}`);
  if (bump === "patch" && suggestedBump === "minor") {
    talk.warn(`${version} brings new features, which a minor version would say`);
  }
}
