import { dependencyFolder, type Requirement } from "@tenon/cue-wasm";
import { inModule, type ModuleFiles } from "@tenon/schema";
import pMap from "p-map";
import semver from "semver";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { type CueRegistry, readCueRegistry } from "./cue-registry.ts";
import { fetchDependency } from "./fetch-dependency.ts";
import { localModuleFile, moduleFile } from "./with-dependencies.ts";

const concurrency = 4;

/** A requirement with the module that has it. */
export interface RequiredModule extends Requirement {
  /** Name of the module that requires it, with its major version. */
  readonly requiredBy: string;
}

/**
 * Fetches what a module requires, and where those require something newer or something more, that
 * too. CUE's loader looks no further: the module file of a module that is tidy names all.
 *
 * @throws DeployError as `withDependencies`
 */
export async function addDependencies<Module extends ModuleFiles>(
  context: DeployContext,
  module: Module,
): Promise<Module> {
  const registry = await readCueRegistry(context);
  const own = await requirementsOf(context, module, registry);
  if (own.requirements.length === 0) return module;
  const given = [...module.files].filter(([name]) => !name.startsWith(dependencyFolder));
  const files = new Map(given);
  const fetchAll = async (wanted: readonly RequiredModule[]): Promise<ModuleFiles[]> =>
    pMap(wanted, (one) => addDependency(context, { files, one, registry }), { concurrency });
  const direct = await fetchAll(own.requirements);
  const nested = await Promise.all(
    direct.map(async (dependency) => requirementsOf(context, dependency, registry)),
  );
  const further = nested.flatMap(({ requirements }) => requirements);
  await fetchAll(
    newestOf([...own.requirements, ...further]).filter(
      (one) => further.includes(one) && pathOf(one) !== own.module,
    ),
  );
  return { ...module, files };
}

async function addDependency(
  context: DeployContext,
  {
    files,
    one,
    registry,
  }: {
    readonly files: Map<string, Uint8Array>;
    readonly one: RequiredModule;
    readonly registry: CueRegistry;
  },
): Promise<ModuleFiles> {
  const found = await fetchDependency(context, one, registry);
  const root = `${one.path}@${one.version}`;
  for (const [name, content] of found) files.set(`${dependencyFolder}${root}/${name}`, content);
  return { root, files: found };
}

async function requirementsOf(
  { engine, signal }: DeployContext,
  { root, files }: ModuleFiles,
  registry: CueRegistry,
): Promise<{ readonly module: string; readonly requirements: readonly RequiredModule[] }> {
  const text = files.get(moduleFile);
  if (text === undefined) return { module: "", requirements: [] };
  const result = await engine.readRequirements(
    { moduleFile: text, localModuleFile: files.get(localModuleFile), registry: registry.text },
    { signal },
  );
  if (!result.ok) {
    throw new DeployError(
      "DEPLOY_CUE_REGISTRY_INVALID",
      `Cannot use CUE_REGISTRY ${JSON.stringify(registry.shown)}: ${result.reason}`,
      { hint: "Write registries as HOST/PREFIX or MODULE=HOST/PREFIX, with commas between them" },
    );
  }
  const { module } = result;
  const requirements = result.requirements.map((one) => {
    return { ...one, at: inModule(one.at, root), requiredBy: module };
  });
  return { module, requirements };
}

/** Of each module in each major version the newest that is required, as a version means this or newer. */
function newestOf(requirements: readonly RequiredModule[]): readonly RequiredModule[] {
  const newest = new Map<string, RequiredModule>();
  for (const one of requirements) {
    const known = newest.get(pathOf(one));
    if (known === undefined || semver.gt(one.version, known.version)) newest.set(pathOf(one), one);
  }
  return [...newest.values()];
}

/** `example.com/lib@v0`. */
function pathOf({ path, version }: Requirement): string {
  return `${path}@${version.split(".")[0]}`;
}
