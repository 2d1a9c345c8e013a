import path from "node:path";

import { createLayoutRegistry, serveRegistry } from "@tenon/oci";

import type { ShellOptions, ShellResult, TenonShell } from "../support/tenon-shell.ts";

/**
 * Runs a script. One that names `$REGISTRY` gets a registry that keeps all that it is given
 * in the folder `registry`; its address stands as `$REGISTRY` in what is printed.
 */
export async function runWithRegistry(
  shell: TenonShell,
  script: string,
  options: ShellOptions,
): Promise<ShellResult> {
  if (!script.includes("$REGISTRY")) return shell.run(script, options);
  const dir = path.join(options.cwd, "registry");
  await using server = await serveRegistry(createLayoutRegistry(dir));
  const env = { ...options.env, REGISTRY: server.host };
  const { stdout, stderr, exit } = await shell.run(script, { ...options, env });
  const hide = (text: string): string => text.replaceAll(server.host, () => "$REGISTRY");
  return { stdout: hide(stdout), stderr: hide(stderr), exit };
}
