import { formatRef, printable } from "@tenon/core";
import type { ModuleDifference, ObjectDifference, SampleDifference } from "@tenon/deploy";
import type { Impact, SchemaChange, SchemaError } from "@tenon/schema";

import { errorData } from "./bundle-failures.ts";
import { diagnosticsLines } from "./diagnostics.ts";
import { fieldLines } from "./field-changes.ts";
import type { Paint } from "./paint.ts";

/** What a new version changes, for people: a part for the schema and one for each values file. */
export function moduleDifferenceText(difference: ModuleDifference, paint: Paint): string {
  const { schema, samples } = difference;
  const parts = [
    part(
      "schema of the values",
      schema.map((change) => schemaLine(change, paint)),
      paint,
    ),
    ...samples.map((sample) =>
      part(sample.values ?? "default values", sampleLines(sample, paint), paint),
    ),
  ];
  return [...parts.flat(), versionLine(difference, paint)].join("\n");
}

/** What a new version changes, as JSON and YAML show it. */
export function moduleDifferenceData(difference: ModuleDifference): Record<string, unknown> {
  const { samples, ...rest } = difference;
  return {
    ...rest,
    samples: samples.map(({ values, objects, refusedBefore, refusedAfter }) => ({
      values,
      objects: objects.map(({ ref, ...object }) => ({ ...ref, ...object })),
      refusedBefore: errorData(refusedBefore),
      refusedAfter: errorData(refusedAfter),
    })),
  };
}

function part(title: string, lines: readonly string[], paint: Paint): string[] {
  const name = paint.bold(`${printable(title)}:`);
  if (lines.length === 0) return [`${name} no difference`];
  return [name, ...lines.map((line) => `  ${line}`)];
}

function schemaLine(change: SchemaChange, paint: Paint): string {
  const path = paint.cyan(printable(change.path));
  return `${impactText(change.impact, paint)} ${path} ${printable(change.text)}`;
}

function sampleLines(
  { objects, refusedBefore, refusedAfter }: SampleDifference,
  paint: Paint,
): string[] {
  if (refusedBefore !== undefined && refusedAfter !== undefined) {
    return [paint.dim(`refused before and after: ${refusedAfter.message}`)];
  }
  if (refusedBefore !== undefined) return [`${impactText("feature", paint)} no longer refused`];
  if (refusedAfter !== undefined) return refusalLines(refusedAfter, paint);
  return objects.flatMap((object) => objectLines(object, paint));
}

function refusalLines(error: SchemaError, paint: Paint): string[] {
  return [
    `${impactText("breaking", paint)} refused: ${error.message}`,
    ...diagnosticsLines(error.diagnostics, paint).map((line) => `  ${line}`),
  ];
}

function objectLines(
  { ref, was, change, impact, fields }: ObjectDifference,
  paint: Paint,
): string[] {
  const renamed = was === undefined ? "" : paint.dim(` (was ${printable(was)})`);
  const head = `${impactText(impact, paint)} ${paint.cyan(formatRef(ref))} ${change}${renamed}`;
  return [
    head,
    ...fields.flatMap((field) => [
      ...fieldLines(field, paint).map((line) => `  ${line}`),
      ...(field.immutable ? [paint.dim("    cannot change: the object has to be recreated")] : []),
    ]),
  ];
}

function impactText(impact: Impact, paint: Paint): string {
  const colours = { breaking: paint.red, feature: paint.green, fix: paint.yellow };
  return colours[impact](impact.padEnd("breaking".length));
}

function versionLine({ before, bump, nextVersion }: ModuleDifference, paint: Paint): string {
  if (bump === "none") return "suggested bump: none, nothing is different for users";
  const version =
    nextVersion === undefined ? "" : ` (${printable(before.version)} → ${paint.bold(nextVersion)})`;
  return `suggested bump: ${paint.bold(bump)}${version}`;
}
