import { type Diagnostic, type Position, pathAtColumn } from "@tenon/core";
import type { ValueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { appendSelector } from "../render/cue-path.ts";
import { safePositions } from "../render/hide-secrets.ts";
import { aroundPath } from "./around-path.ts";
import type { Bundle } from "./bundle.ts";
import { inlineModule } from "./inline-module.ts";

/** How the values of an instance are named where a values file is expected. */
export function valuesName(instance: string): string {
  return `bundle.instances.${instance}.json`;
}

/** The values of an instance as a values file. */
export function valuesContent(json: string): Uint8Array {
  return Buffer.from(`{"values":${json}}`);
}

/**
 * An error of building an instance, with places in its values turned into places in the files of the
 * bundle. Other errors come back as they are.
 */
export async function inBundleFiles(
  bundle: Bundle,
  instance: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof SchemaError)) return error;
  const diagnostics = await placesInBundle(bundle, instance, error.diagnostics);
  if (diagnostics === error.diagnostics) return error;
  const found = bundle.instances.find(({ name }) => name === instance)!;
  const { code, details, hint } = error;
  const message =
    found.module === inlineModule
      ? error.message
          .replaceAll(renderedItems, `${found.valuesPath}.items`)
          .replace(/ of module inline objects:/, ":")
      : error.message;
  // Hints are about modules and their values.
  const isOfModule = !diagnostics.some(({ path }) => path?.startsWith(found.path));
  return new SchemaError(code, message, {
    diagnostics,
    hint: isOfModule ? hint : undefined,
    details,
    cause: error,
  });
}

/** What is found about an instance, with places in its values turned into places in the files of the bundle. */
export async function placesInBundle(
  bundle: Bundle,
  instance: string,
  diagnostics: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> {
  if (diagnostics.length === 0) return diagnostics;
  const found = bundle.instances.find(({ name }) => name === instance);
  if (found === undefined) return diagnostics;
  const { locate } = bundle;
  const { values, valuesPath, position } = found;
  if (found.module === inlineModule) {
    return ofInlineObjects(diagnostics, { path: valuesPath, locate });
  }
  const declared = await ofDeclaration(diagnostics, { values, path: valuesPath, locate, position });
  return ofPatches(declared, { path: found.path, locate });
}

/** What is wrong with an inline object is told at its place in the bundle: no template is between. */
async function ofInlineObjects(
  diagnostics: readonly Diagnostic[],
  { path, locate }: Pick<DeclaredValues, "path" | "locate">,
): Promise<readonly Diagnostic[]> {
  const paths = diagnostics.map((entry) =>
    (entry.path ?? path).replaceAll(renderedItems, `${path}.items`),
  );
  const places = await locate(paths.flatMap(aroundPath));
  let next = 0;
  return diagnostics.map((entry, index): Diagnostic => {
    const around = aroundPath(paths[index]!);
    const place = places.slice(next, (next += around.length)).find((at) => at !== undefined);
    const positions = place === undefined ? [] : [place];
    return { ...entry, path: paths[index], positions: safePositions(entry, positions) };
  });
}

/** What is wrong with a value of a patch is told at its place in the bundle. */
async function ofPatches(
  diagnostics: readonly Diagnostic[],
  { path, locate }: Pick<DeclaredValues, "path" | "locate">,
): Promise<readonly Diagnostic[]> {
  const isOfPatch = ({ path: at }: Diagnostic): boolean => at?.startsWith("patches.") === true;
  if (!diagnostics.some(isOfPatch)) return diagnostics;
  const places = await locate(diagnostics.map((entry) => `${path}.${entry.path}`));
  return diagnostics.map((entry, index): Diagnostic => {
    const place = places[index];
    if (!isOfPatch(entry) || place === undefined) return entry;
    return { ...entry, path: `${path}.${entry.path}`, positions: safePositions(entry, [place]) };
  });
}

/** Where {@link inlineModule} has the objects. */
const renderedItems = "timoni.apply.objects";

/** Values that stand in a file of a user, at a path of it. */
export interface DeclaredValues {
  /** The values as a values file of one line. */
  readonly values: ValueSource;
  /** CUE path of the values. */
  readonly path: string;
  readonly locate: Bundle["locate"];
  /** The place for what stands nowhere. */
  readonly position?: Position | undefined;
}

/** An error of building with declared values, with places in them turned into those of the user's file. */
export async function atDeclaration(error: unknown, declared: DeclaredValues): Promise<unknown> {
  if (!(error instanceof SchemaError)) return error;
  const diagnostics = await ofDeclaration(error.diagnostics, declared);
  if (diagnostics === error.diagnostics) return error;
  const { code, message, hint, details } = error;
  return new SchemaError(code, message, { diagnostics, hint, details, cause: error });
}

async function ofDeclaration(
  diagnostics: readonly Diagnostic[],
  declared: DeclaredValues,
): Promise<readonly Diagnostic[]> {
  const { values, locate, position: around } = declared;
  const wanted = diagnostics
    .flatMap(({ positions }) => positions)
    .filter(({ file }) => file.endsWith(values.name));
  if (wanted.length === 0) return diagnostics;
  const places = await locate(wanted.map((at) => pathInValues(declared, at)));
  const found = new Map(wanted.map((at, index) => [at, places[index] ?? around]));
  return diagnostics.map((entry): Diagnostic => {
    const positions = entry.positions.flatMap((at) =>
      found.has(at) ? (found.get(at) ?? []) : [at],
    );
    return { ...entry, positions: safePositions(entry, positions) };
  });
}

/** CUE path of what stands at a position of declared values. */
export function pathInValues(
  { values, path }: Pick<DeclaredValues, "values" | "path">,
  { column }: Position,
): string {
  const [, ...keys] = pathAtColumn(values.content, column);
  return keys.reduce<string>(appendSelector, path);
}
