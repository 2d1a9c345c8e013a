import { suggest, type Diagnostic } from "@tenon/core";
import type { CrdFile, CrdPackage, CrdResult, Engine } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { andMore } from "../summary-of.ts";

/** Which definitions are wanted; all without names and groups. */
export interface CrdSelection {
  /** Names of definitions, such as `certificates.cert-manager.io`. */
  readonly names?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** A text with CustomResourceDefinitions in YAML or JSON. */
export type CrdSource = Pick<CrdFile, "name" | "content">;

/** Files at a time: the engine holds the syntax tree of each. */
const parallel = 4;

/**
 * Translates the CustomResourceDefinitions in files to CUE packages, sorted by their import path.
 *
 * @throws SchemaError `SCHEMA_CRD_INVALID` when a file does not parse, when a definition is wrong or
 * there twice, and when there is none of those that are wanted
 */
export async function readCrds(
  engine: Engine,
  sources: readonly CrdSource[],
  options: CrdSelection & { readonly signal?: AbortSignal | undefined } = {},
): Promise<CrdPackage[]> {
  const { names, groups, signal } = options;
  const results: CrdResult[] = [];
  for (let at = 0; at < sources.length; at += parallel) {
    const batch = sources.slice(at, at + parallel).map((source) => {
      const label = `the definitions in ${source.name}`;
      return engine.translateCrds({ ...source, names, groups }, { signal, label });
    });
    results.push(...(await Promise.all(batch)));
  }
  const given = sources.map(({ name }) => name).join(", ");
  const diagnostics = results.flatMap((result) => (result.ok ? [] : result.diagnostics));
  if (diagnostics.length > 0) {
    const hint = "See what an API server says: kubectl create --dry-run=server -f FILE";
    throw invalid(given, `${diagnostics[0]!.text}${andMore(diagnostics)}`, { diagnostics, hint });
  }
  const read = results.filter((result) => result.ok);
  requireWanted(options, new Set(read.flatMap((result) => result.names)), given);
  return distinct(read.map(({ packages }, index) => [sources[index]!.name, packages] as const));
}

function requireWanted(selection: CrdSelection, known: Set<string>, given: string): void {
  if (known.size === 0) {
    throw invalid(given, "there is no CustomResourceDefinition", {
      hint: "Give the file that installs the definitions of the operator",
    });
  }
  const groups = new Set([...known].map((name) => name.slice(name.indexOf(".") + 1)));
  const wanted = [
    ...(selection.names ?? []).map((name) => ({ what: "definition", name, among: known })),
    ...(selection.groups ?? []).map((name) => ({ what: "group", name, among: groups })),
  ];
  const missing = wanted.find(({ name, among }) => !among.has(name));
  if (missing === undefined) return;
  const { what, name, among } = missing;
  const close = suggest(name, among);
  throw invalid(given, `there is no ${what} ${name}`, {
    hint: close
      ? `Did you mean ${close}?`
      : `There is ${[...among].toSorted().slice(0, 10).join(", ")}`,
  });
}

/** All packages, each at a place of its own. */
function distinct(found: readonly (readonly [string, readonly CrdPackage[]])[]): CrdPackage[] {
  const places = new Map<string, { readonly file: string; readonly line: number }>();
  const packages = found.flatMap(([file, some]) => some.map((one) => ({ file, one })));
  for (const { file, one } of packages) {
    const first = places.get(one.path);
    if (first !== undefined) {
      const text = `${one.path} is defined twice`;
      const positions = [
        { file, line: one.line, column: 1 },
        { ...first, column: 1 },
      ];
      throw invalid(file, text, {
        diagnostics: [{ text, positions }],
        hint: "Give each definition once, or choose with --name",
      });
    }
    places.set(one.path, { file, line: one.line });
  }
  return packages.map(({ one }) => one).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function invalid(
  given: string,
  reason: string,
  options: { readonly hint: string; readonly diagnostics?: readonly Diagnostic[] },
): SchemaError {
  return new SchemaError(
    "SCHEMA_CRD_INVALID",
    `Cannot read the definitions in ${given}: ${reason}`,
    options,
  );
}
