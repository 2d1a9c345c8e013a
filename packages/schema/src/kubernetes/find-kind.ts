import { groupOf, suggest } from "@tenon/core";

import type { ObjectProblem } from "./check-value.ts";
import type { SchemaIndex } from "./schema-files.ts";

/** The type of a kind, why there is none, or `undefined` for kinds that are not Kubernetes' own. */
export type FoundKind =
  | { readonly type: string; readonly namespaced: boolean }
  | { readonly problem: ObjectProblem }
  | undefined;

/** Looks a kind up among those of this Kubernetes version. */
export function findKind(index: SchemaIndex, apiVersion: string, kind: string): FoundKind {
  const served = index.served[apiVersion]?.[kind];
  if (served !== undefined) return served;
  if (index.removed[apiVersion]?.[kind] !== undefined) {
    return { problem: removedKind(index, apiVersion, kind) };
  }
  if (index.disabled.includes(apiVersion) || isForeign(index, apiVersion) || kind === "List") {
    return undefined;
  }
  return { problem: unknownKind(index, apiVersion, kind) };
}

// Custom resources have a domain as their group; a group without a dot can only be a built-in one.
function isForeign(index: SchemaIndex, apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  const known = [...Object.keys(index.served), ...Object.keys(index.removed), ...index.disabled];
  return group.includes(".") && !known.some((item) => groupOf(item) === group);
}

function removedKind(index: SchemaIndex, apiVersion: string, kind: string): ObjectProblem {
  const { since, replacement } = index.removed[apiVersion]![kind]!;
  const isServed = replacement !== undefined && index.served[replacement]?.[kind] !== undefined;
  const suggestion = isServed ? replacement : preferred(index, apiVersion, kind);
  const message = `${kind} of ${apiVersion} was removed in Kubernetes ${since}`;
  return { path: ["apiVersion"], message, ...(suggestion !== undefined && { suggestion }) };
}

function unknownKind(index: SchemaIndex, apiVersion: string, kind: string): ObjectProblem {
  const kinds = index.served[apiVersion];
  const other = preferred(index, apiVersion, kind);
  if (kinds !== undefined && other === undefined) {
    const message = `Kubernetes ${index.kubernetes} has no kind ${kind} in ${apiVersion}`;
    return { path: ["kind"], message, ...suggestion(kind, Object.keys(kinds)) };
  }
  const message = `Kubernetes ${index.kubernetes} has no ${kind} in ${apiVersion}`;
  if (other !== undefined) return { path: ["apiVersion"], message, suggestion: other };
  return { path: ["apiVersion"], message, ...suggestion(apiVersion, Object.keys(index.served)) };
}

/** The group version to use for a kind: one of the same group if there is one, else the newest. */
function preferred(index: SchemaIndex, apiVersion: string, kind: string): string | undefined {
  const having = Object.keys(index.served)
    .filter((item) => index.served[item]?.[kind] !== undefined)
    .sort()
    .reverse();
  return having.find((item) => groupOf(item) === groupOf(apiVersion)) ?? having[0];
}

function suggestion(word: string, candidates: readonly string[]): { readonly suggestion?: string } {
  const meant = suggest(word, candidates);
  return meant === undefined ? {} : { suggestion: meant };
}
