import { type Command, defineCommand } from "../../define-command.ts";
import { inspectedArtifact } from "../../render/inspected-artifact.ts";
import { credsFlag } from "../flags.ts";
import { artifactArg } from "./artifact-arg.ts";

export const inspect: Command = defineCommand({
  name: "artifact inspect",
  summary: "Show what a registry holds under a reference",
  description:
    "Shows the manifest of an artifact of any kind, images and indexes too: config, annotations and layers\nwith their sizes, what it refers to, and what refers to it, such as signatures and schemas. No layer is\ndownloaded.",
  args: [artifactArg],
  flags: { creds: credsFlag },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Look into a module",
      line: "tenon artifact inspect oci://ghcr.io/org/modules/app:1.0.0",
    },
    {
      about: "List the types of what refers to it",
      line: "tenon artifact inspect oci://ghcr.io/org/modules/app -o json | jq -r '.referrers[].artifactType'",
    },
  ],
  async run({ args, flags }, context) {
    const { inspectArtifact } = await import("@tenon/deploy");
    const found = await inspectArtifact(await context.registry(), {
      url: args.artifact_url,
      creds: flags.creds,
    });
    return inspectedArtifact(found);
  },
});
