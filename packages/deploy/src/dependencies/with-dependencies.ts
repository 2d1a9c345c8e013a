import type { ModuleFiles } from "@tenon/schema";

import type { DeployContext } from "../context.ts";

/** The file in which a module names what it requires. */
export const moduleFile = "cue.mod/module.cue";
/** The file in which a module under development replaces what it requires. */
export const localModuleFile = "cue.mod/local-module.cue";

/**
 * Adds the CUE modules that a module requires to its files. Nothing is read or asked for where it
 * requires none.
 *
 * @throws DeployError `DEPLOY_CUE_REGISTRY_INVALID`, `DEPLOY_CUE_MODULE_UNAVAILABLE`,
 * `DEPLOY_CUE_MODULE_INVALID`
 */
export async function withDependencies<Module extends ModuleFiles>(
  context: DeployContext,
  module: Module,
): Promise<Module> {
  if (!mayRequire(module)) return module;
  const { addDependencies } = await import("./add-dependencies.ts");
  return addDependencies(context, module);
}

function mayRequire({ files }: ModuleFiles): boolean {
  if (files.has(localModuleFile)) return true;
  return Buffer.from(files.get(moduleFile) ?? []).includes("deps");
}
