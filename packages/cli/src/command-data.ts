import { buildManifest } from "./build-manifest.ts";
import { groups } from "./commands/groups.ts";
import { loadCommands } from "./commands/index.ts";
import { badInputCodes } from "./exit-code.ts";
import { commandReference } from "./help/reference.ts";
import { readAbout } from "./load-manifest.ts";
import type { Manifest } from "./manifest.ts";

/** What builds and documentation need to know about the commands. */
export interface CommandData {
  readonly manifest: Manifest;
  /** Reference of all commands as Markdown. */
  readonly reference: string;
  readonly badInputCodes: ReadonlySet<string>;
}

/** Computes the {@link CommandData}; `root` is the folder of this package. */
export async function commandData(root: URL): Promise<CommandData> {
  const commands = await loadCommands();
  const manifest = buildManifest(readAbout(root), commands);
  return { manifest, reference: commandReference(groups, commands), badInputCodes };
}
