import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag } from "../flags.ts";
import { artifactArg } from "./artifact-arg.ts";

export const digest: Command = defineCommand({
  name: "artifact digest",
  summary: "Print the digest of an artifact",
  description:
    "Prints the digest that a tag points to. It is computed from the manifest, and not what the registry says.",
  args: [artifactArg],
  flags: { creds: credsFlag },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "See where a tag points to", line: "tenon artifact digest oci://ghcr.io/org/schemas" },
    {
      about: "Take the digest alone",
      line: "tenon artifact digest oci://ghcr.io/org/schemas:1.0.0 -o json | jq -r .digest",
    },
  ],
  async run({ args, flags }, context) {
    const { resolveArtifact } = await import("@tenon/deploy");
    const found = await resolveArtifact(await context.registry(), {
      url: args.artifact_url,
      creds: flags.creds,
    });
    const { repository, tag = "" } = found;
    const name = tag === "" ? `${repository}@${found.digest}` : `${repository}:${tag}`;
    return {
      data: { repository, tag, digest: found.digest },
      text: `artifact: ${name}\ndigest: ${found.digest}`,
    };
  },
});
