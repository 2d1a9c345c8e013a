import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag } from "../flags.ts";

export const push: Command = defineCommand({
  name: "mod push",
  summary: "Publish a module to a registry",
  description:
    "Packs the folder of a module, leaving out what timoni.ignore names, and pushes it to a registry\nunder its version, and as the latest version unless told otherwise. The JSON Schema of its values\nis attached to it.",
  args: [
    {
      name: "module_path",
      summary: "Folder of the module",
      required: true,
      complete: "directory",
    },
    { name: "module_url", summary: "Where it goes, as oci://registry/repository", required: true },
  ],
  flags: {
    version: {
      type: "string",
      short: "v",
      value: "semver",
      required: true,
      summary: "Version of the module",
    },
    latest: { type: "boolean", default: true, summary: "Tag it as the latest version too" },
    annotation: {
      type: "strings",
      short: "a",
      value: "key=value",
      summary: "Annotation of the artifact; may be repeated",
    },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Publish a release",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.0.0",
    },
    {
      about: "Publish a pre-release with its source, and leave latest where it is",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.1.0-rc.1 --latest=false \\\n  -a org.opencontainers.image.source=https://github.com/org/app",
    },
    {
      about: "Take the digest of what was published",
      line: "tenon mod push ./app oci://ghcr.io/org/modules/app -v 1.0.0 -o json | jq -r .digest",
    },
  ],
  async run({ args, flags }, context) {
    const { publishModule } = await import("@tenon/deploy");
    const published = await publishModule(await context.deploy(), {
      dir: args.module_path,
      url: args.module_url,
      version: flags.version,
      latest: flags.latest,
      annotations: flags.annotation,
      creds: flags.creds,
    });
    const { url, repository, version, digest, schema, schemaFailure } = published;
    if (schemaFailure !== undefined) {
      context.talk.warn(`the module has no JSON Schema of its values: ${schemaFailure.message}`);
    }
    return {
      data: { url, repository, version, digest, schema },
      text: `artifact: oci://${repository}:${version}\ndigest: ${digest}`,
    };
  },
});
