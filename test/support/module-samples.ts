import { cueSource, type Engine } from "@tenon/cue-wasm";
import type { ModuleFiles } from "@tenon/schema";
import { parse } from "yaml";

/** What a module's own files tell about its values, whatever its schema says. */
export interface ModuleSamples {
  /** Values that the module accepts: those in `testdata/`. */
  readonly values: readonly unknown[];
  /** Names of fields in its CUE files. */
  readonly names: readonly string[];
  /** Texts in its CUE files, such as the choices of an enumeration. */
  readonly texts: readonly string[];
}

/** Reads the samples of a module. */
export async function moduleSamples(engine: Engine, module: ModuleFiles): Promise<ModuleSamples> {
  const files = [...module.files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const cue = files
    .filter(([path]) => path.endsWith(".cue") && !path.startsWith("cue.mod/gen/"))
    .map(([, content]) => Buffer.from(content).toString())
    .join("\n");
  const tested = files.filter(([path]) => path.startsWith("testdata/"));
  return {
    values: await Promise.all(tested.map((file) => valuesIn(engine, ...file))),
    names: matches(cue, /(?:^|[\s{])"?([a-zA-Z][\w./-]*)"?[?!]?:/gm),
    texts: matches(cue, /"([^"\\\n]{0,40})"/g),
  };
}

async function valuesIn(engine: Engine, path: string, content: Uint8Array): Promise<unknown> {
  if (!path.endsWith(".cue")) return (parse(Buffer.from(content).toString()) as File).values;
  const files = new Map([
    ["values.cue", Buffer.from(`package main\n${String(Buffer.from(content))}`)],
  ]);
  const result = await engine.evaluate({
    source: cueSource(files),
    package: "main",
    outputs: [{ path: "values", encoding: "json" }],
  });
  if (!result.ok) throw new Error(`Cannot read ${path}: ${result.diagnostics[0]?.text}`);
  return JSON.parse(result.outputs.get("values")!.text!);
}

interface File {
  readonly values: unknown;
}

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))];
}
