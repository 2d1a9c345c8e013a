import { tempDir } from "../support/temp-dir.ts";
import type { ShellOptions, ShellResult } from "../support/tenon-shell.ts";
import type { Scenario } from "./txtar.ts";

/**
 * Runs the commands of a scenario in a folder of their own that holds its files.
 *
 * @param shell runs a bash script that knows `tenon`
 * @param env added to an environment that holds next to nothing
 * @returns the scenario with what the commands printed and how the last one ended
 */
export async function play(
  scenario: Scenario,
  shell: (script: string, options: ShellOptions) => Promise<ShellResult>,
  env: ShellOptions["env"] = {},
): Promise<Scenario> {
  await using dir = await tempDir();
  await dir.write(Object.fromEntries(scenario.files));
  const home = { HOME: dir.path, XDG_CACHE_HOME: dir.file(".cache") };
  const result = await shell(scenario.command, {
    cwd: dir.path,
    env: { PATH: process.env["PATH"], ...home, ...env },
  });
  return { ...scenario, ...result };
}
