import { type Diagnostic, type Position, pathAt } from "@tenon/core";

import { SchemaError } from "../errors.ts";
import { appendSelector } from "../render/cue-path.ts";
import { hideValue, isSecretPath } from "../render/hide-secrets.ts";
import type { Bundle } from "./bundle.ts";
import { instancePath } from "./instance-path.ts";

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
  const content = bundle.instances.find(({ name }) => name === instance)?.values.content;
  const json = Buffer.from(content ?? []).toString("utf8");
  const wanted = error.diagnostics
    .flatMap(({ positions }) => positions)
    .filter(isInValues(instance));
  if (wanted.length === 0) return error;
  const places = await bundle.locate(wanted.map((at) => cuePath(instance, json, at)));
  const found = new Map(
    wanted.map((at, index) => [at, places[index] ?? placeOf(bundle, instance)]),
  );
  const diagnostics = error.diagnostics.map((entry): Diagnostic => {
    const positions = entry.positions.flatMap((at) =>
      found.has(at) ? (found.get(at) ?? []) : [at],
    );
    return { ...entry, positions: isSecretPath(entry.path) ? positions.map(hideValue) : positions };
  });
  const { code, message, hint, details } = error;
  return new SchemaError(code, message, { diagnostics, hint, details, cause: error });
}

function isInValues(instance: string): (position: Position) => boolean {
  return ({ file }) => file.endsWith(valuesName(instance));
}

/** The values are one line: a column is an offset, in bytes as CUE counts. */
function cuePath(instance: string, json: string, { column }: Position): string {
  const before = Buffer.from(json)
    .subarray(0, column - 1)
    .toString("utf8");
  return pathAt(json, before.length).reduce<string>(appendSelector, instancePath(instance));
}

function placeOf(bundle: Bundle, instance: string): Position | undefined {
  return bundle.instances.find(({ name }) => name === instance)?.position;
}
