import { type Command, defineCommand } from "../../define-command.ts";
import { table } from "../../render/table.ts";
import { credsFlag } from "../flags.ts";

export const listVersions: Command = defineCommand({
  name: "mod list",
  aliases: ["ls"],
  summary: "List the versions of a module in a registry",
  description: "Lists the versions of a module, the newest first.",
  args: [
    { name: "module_url", summary: "The module, as oci://registry/repository", required: true },
  ],
  flags: {
    limit: { type: "integer", default: 100, summary: "Most versions to list; 0 for all" },
    "with-digest": {
      type: "boolean",
      default: true,
      summary: "Ask for the digest of each version",
    },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "List the versions", line: "tenon mod list oci://ghcr.io/org/modules/app" },
    {
      about: "Find the newest version quickly",
      line: "tenon mod list oci://ghcr.io/org/modules/app --limit 1 --with-digest=false",
    },
  ],
  async run({ args, flags }, context) {
    const { listModuleVersions } = await import("@tenon/deploy");
    const { versions, total } = await listModuleVersions(await context.deploy(), {
      url: args.module_url,
      limit: flags.limit,
      withDigest: flags["with-digest"],
      creds: flags.creds,
    });
    const shown = versions.filter(({ version }) => version !== "latest").length;
    if (shown < total) {
      context.talk.say(`showing ${shown} of ${total} versions, use --limit 0 for all`);
    }
    const data = versions.map(({ repository, version, digest }) => ({
      name: "",
      repository,
      version,
      digest: digest ?? "",
    }));
    const rows = data.map(({ version, digest }) =>
      flags["with-digest"] ? [version, digest] : [version],
    );
    const header = flags["with-digest"] ? ["VERSION", "DIGEST"] : ["VERSION"];
    return { data, text: table(header, rows) };
  },
});
