import { type CueSource, cueSource, type Engine } from "@tenon/cue-wasm";
import type { ModuleFiles } from "@tenon/schema";

/** Why an engine refuses values. */
export interface Problem {
  /** Below the values, such as `hpa.cpu`. */
  readonly path: string;
  readonly text: string;
}

/** What a build adds to the values of a module. */
const built = {
  metadata: { name: "app", namespace: "apps" },
  moduleVersion: "1.0.0",
  kubeVersion: "1.36.3",
};

const chunkSize = 100;

/**
 * Checks many values as `timoni.instance.config: values` takes them, in few evaluations. The values.cue
 * of the module has to be empty.
 *
 * @returns for each of the values why they are refused, nothing where they are accepted
 */
export async function engineVerdicts(
  engine: Engine,
  module: ModuleFiles,
  values: readonly unknown[],
): Promise<(readonly Problem[])[]> {
  const source = cueSource(module.files);
  const chunks = Array.from({ length: Math.ceil(values.length / chunkSize) }, (_, index) =>
    values.slice(index * chunkSize, (index + 1) * chunkSize),
  );
  const verdicts = await Promise.all(
    chunks.map(async (chunk) => {
      const all = new Map(chunk.entries());
      const conflicts = await problemsOf(engine, source, all);
      // What is missing is looked for only where nothing conflicts.
      for (const index of conflicts.keys()) all.delete(index);
      const missing = await problemsOf(engine, source, all);
      return chunk.map((_, index) => conflicts.get(index) ?? missing.get(index) ?? []);
    }),
  );
  return verdicts.flat();
}

async function problemsOf(
  engine: Engine,
  source: CueSource,
  values: ReadonlyMap<number, unknown>,
): Promise<Map<number, Problem[]>> {
  const cases = [...values].map(([index, value]) => `cases: "${index}": ${JSON.stringify(value)}`);
  const schema = `cases: [string]: values & ${JSON.stringify(built)}`;
  const result = await engine.evaluate({
    source,
    package: "main",
    overlay: new Map([["cases.cue", ["package main", schema, ...cases].join("\n")]]),
    tags: ["name=app", "namespace=apps"],
    tagVars: { moduleVersion: built.moduleVersion, kubeVersion: built.kubeVersion },
    outputs: [{ path: "cases", encoding: "none", concrete: true }],
  });
  const found = new Map<number, Problem[]>();
  for (const { path = "", text } of result.ok ? [] : result.diagnostics) {
    const [, index, rest = ""] = /^cases\."(\d+)"\.?(.*)$/s.exec(path) ?? [];
    // The elements of a list that is written in an expression are told without their place.
    if (index === undefined) continue;
    found.set(Number(index), [...(found.get(Number(index)) ?? []), { path: rest, text }]);
  }
  return found;
}
