import {
  type Engine,
  type Evaluation,
  type OutputRequest,
  type Slice,
  cueSource,
  dependencyFolder,
} from "@tenon/cue-wasm";

import { type RenderRequest, evaluationOf } from "../render/evaluate-module.ts";
import type { DeclaredHealthCheck, ModuleHealthChecks } from "./health-check.ts";

const moduleFile = "cue.mod/module.cue";
const at = ["timoni", "healthChecks"] as const;

/** What to ask of the evaluation of a module to read its health checks. */
export const healthChecksRequest: {
  readonly output: OutputRequest;
  readonly slice: readonly string[];
} = {
  output: { path: at.join("."), encoding: "defaults", optional: true },
  slice: at,
};

/**
 * Makes of the part of a module that declares its health checks a smaller module that can be kept.
 * It is only taken when it says the same as the module itself.
 *
 * @param from.declared JSON of what is concrete of `timoni.healthChecks`
 * @param from.slice that part, if there is one
 */
export async function keepHealthChecks(
  engine: Engine,
  request: RenderRequest,
  from: {
    readonly checks: readonly DeclaredHealthCheck[];
    readonly declared: string | undefined;
    readonly slice: Slice | undefined;
  },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ModuleHealthChecks> {
  const { checks, declared, slice } = from;
  const { dir = "", package: packageName } = evaluationOf(request);
  const kept = { checks, dir, package: packageName };
  const heads = [...request.module.files].filter(([name]) => isModuleFile(name));
  const inCue = checks.some(({ cel }) => cel === undefined);
  if (!inCue || slice === undefined || heads.length === 0) return kept;
  const whole = {
    ...kept,
    files: {
      ...Object.fromEntries(
        heads.map(([name, content]) => [name, Buffer.from(content).toString("utf8")]),
      ),
      ...Object.fromEntries(slice.files),
    },
    texts: slice.texts,
  };
  const { output } = healthChecksRequest;
  const again = await engine.evaluate(
    { ...surroundingsOf(whole)!, outputs: [output] },
    { ...options, label: "health checks" },
  );
  const same = again.ok && again.outputs.get(output.path)?.text === declared;
  return same ? whole : kept;
}

/** Tells the module file of the module, and of each that it requires. */
function isModuleFile(name: string): boolean {
  return name === moduleFile || (name.startsWith(dependencyFolder) && name.endsWith(moduleFile));
}

/** The CUE around health checks: of the smaller module where there is one, else of the module itself. */
export function surroundingsOf(
  { files, dir, package: packageName }: ModuleHealthChecks,
  request?: RenderRequest,
): Omit<Evaluation, "outputs"> | undefined {
  if (files === undefined) return request && evaluationOf(request);
  const contents = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return { source: cueSource(new Map(contents)), dir, package: packageName };
}
