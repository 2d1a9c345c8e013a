import type { Deletion } from "@tenon/deploy";

import { confirm } from "../../confirm.ts";
import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { count } from "../../render/count.ts";
import { credsFlag } from "../flags.ts";
import { artifactArg } from "./artifact-arg.ts";

export const deleteCommand: Command = defineCommand({
  name: "artifact delete",
  aliases: ["rm"],
  summary: "Delete a tag, or an artifact with all its tags",
  description:
    "With a tag, deletes the tag and leaves the artifact and its other tags. With a digest, deletes the artifact\nwith every tag that points to it; what refers to it stays. Shows what would go, and asks. Space is freed\nwhen the registry collects its garbage.",
  args: [
    {
      ...artifactArg,
      summary: "What to delete, as oci://registry/repository:tag, or @digest for the artifact",
    },
  ],
  flags: {
    "dry-run": { type: "boolean", summary: "Print what would be deleted, and delete nothing" },
    yes: { type: "boolean", short: "y", summary: "Do not ask" },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Delete a tag", line: "tenon artifact delete oci://ghcr.io/org/schemas:nightly" },
    {
      about: "See what deleting an artifact would take along",
      line: "tenon artifact delete oci://ghcr.io/org/schemas@sha256:5b94… --dry-run",
    },
    {
      about: "Delete a tag without a question",
      line: "tenon artifact delete oci://ghcr.io/org/schemas:nightly --yes",
    },
  ],
  async run({ args, flags }, context) {
    const dryRun = flags["dry-run"];
    if (!dryRun && !flags.yes && !context.io.stdinIsTTY) {
      throw usageError(
        "artifact delete",
        "There is no terminal to ask on: give --yes or --dry-run",
      );
    }
    const { deleteArtifact, planDeletion } = await import("@tenon/deploy");
    const registry = await context.registry();
    const request = { url: args.artifact_url, creds: flags.creds };
    const plan = await planDeletion(registry, request);
    const isWanted =
      flags.yes || dryRun || (await confirm(planLines(plan, "delete"), "Delete this?", context));
    if (isWanted && !dryRun) await deleteArtifact(registry, request);
    const { repository, tag, digest, tags, referrers } = plan;
    return {
      data: { repository, tag, digest, tags, referrers, dryRun, deleted: isWanted && !dryRun },
      text: isWanted
        ? planLines(plan, dryRun ? "delete" : "deleted").join("\n")
        : "nothing is deleted",
      exitCode: isWanted ? 0 : 1,
    };
  },
});

function planLines(
  { repository, tag, digest, tags, referrers }: Deletion,
  verb: "delete" | "deleted",
): string[] {
  if (tag !== undefined) return [`${verb} tag ${repository}:${tag}, ${digest} stays`];
  const rest = referrers.length === 0 ? "" : `, ${count(referrers.length, "referrer")} stay`;
  return [
    `${verb} artifact ${repository}@${digest}${rest}`,
    ...tags.map((each) => `${verb} tag ${repository}:${each}`),
  ];
}
