import type { About, Manifest } from "./manifest.ts";
import { resolveCommand } from "./resolve-command.ts";

/** What goes to stdout for help and `version`, or nothing when the command line asks for more. */
export function quickAnswer(argv: readonly string[], manifest: Manifest): string | undefined {
  if (argv[0] === "__complete") return undefined;
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
    return `${manifest.about.client}\n`;
  }
  const resolution = resolveCommand(argv, manifest);
  if ("unknown" in resolution) return undefined;
  const { entry, rest, wantsHelp } = resolution;
  if (wantsHelp || (entry.isGroup && rest.length === 0)) return entry.help;
  if (entry.path === "version") return versionAnswer(rest, manifest.about);
  return undefined;
}

/** The versions as `-o` asks for them. */
export function formatAbout(about: About, format: "json" | "yaml"): string {
  const { api, client, cue } = about;
  return format === "json"
    ? `${JSON.stringify({ api, client, cue }, undefined, 2)}\n`
    : `api: ${api}\nclient: ${client}\ncue: ${cue}\n`;
}

function versionAnswer(rest: readonly string[], about: About): string | undefined {
  const format = rest.join(" ").replace(/^(-o|--output)[ =]/, "");
  if (rest.length === 0) return formatAbout(about, "yaml");
  return format === "json" || format === "yaml" ? formatAbout(about, format) : undefined;
}
