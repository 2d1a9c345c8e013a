import { type Command, defineCommand } from "../../define-command.ts";
import { table } from "../../render/table.ts";
import { credsFlag } from "../flags.ts";
import { repositoryArg } from "./artifact-arg.ts";

export const listTags: Command = defineCommand({
  name: "artifact list",
  aliases: ["ls"],
  summary: "List the tags of a repository",
  description:
    "Lists the tags of a repository: latest first, then the others in descending order of their letters. Both\nfilters may be given.",
  args: [repositoryArg],
  flags: {
    "filter-regex": {
      type: "string",
      value: "regex",
      summary: "List only the tags that match a regular expression",
    },
    "filter-semver": {
      type: "string",
      value: "range",
      summary: "List only the versions in a range, such as `>=1.0.0 <2.0.0`",
    },
    limit: { type: "integer", default: 100, summary: "Most tags to list; 0 for all" },
    "with-digest": { type: "boolean", summary: "Ask for the digest of each tag" },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "List the tags", line: "tenon artifact list oci://ghcr.io/org/schemas --with-digest" },
    {
      about: "List the releases of a major version",
      line: "tenon artifact list oci://ghcr.io/org/schemas --filter-semver '^1.0.0'",
    },
  ],
  async run({ args, flags }, context) {
    const { listArtifactTags } = await import("@tenon/deploy");
    const { tags, total } = await listArtifactTags(await context.registry(), {
      url: args.repository_url,
      filter: { regex: flags["filter-regex"], semver: flags["filter-semver"] },
      limit: flags.limit,
      withDigest: flags["with-digest"],
      creds: flags.creds,
    });
    if (tags.length < total) {
      context.talk.say(`showing ${tags.length} of ${total} tags, use --limit 0 for all`);
    }
    const data = tags.map(({ repository, tag, digest }) => ({
      repository,
      tag,
      digest: digest ?? "",
    }));
    const rows = data.map(({ tag, digest }) => (flags["with-digest"] ? [tag, digest] : [tag]));
    return { data, text: table(flags["with-digest"] ? ["TAG", "DIGEST"] : ["TAG"], rows) };
  },
});
