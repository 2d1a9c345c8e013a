import { type Command, defineCommand } from "../define-command.ts";
import { loadManifest } from "../load-manifest.ts";

export const version: Command = defineCommand({
  name: "version",
  summary: "Print the versions of Tenon, CUE and the module format",
  description: "Prints the versions of Tenon, of CUE and of the module format.",
  args: [],
  flags: {},
  output: ["yaml", "json"],
  examples: [
    { about: "Print the versions", line: "tenon version" },
    { about: "Print them for a program", line: "tenon version -o json" },
  ],
  async run() {
    const { about } = await loadManifest();
    return { data: { api: about.api, client: about.client, cue: about.cue } };
  },
});
