import { groupOf, suggest } from "@tenon/core";

import { type KubernetesApi, apiOf } from "./api-version.ts";
import type { ObjectProblem } from "./check-value.ts";
import { isSlip } from "./is-slip.ts";
import { dnsLabelWithLetterFirst, dnsSubdomain, inAnyCase } from "./rules/formats.ts";
import { ownOf } from "./rules/rule.ts";
import type { ByKind, RemovedKind, SchemaIndex } from "./schema-files.ts";

/** The type of a kind, why there is none, or `undefined` for kinds that are not Kubernetes' own. */
export type FoundKind =
  | { readonly type: string; readonly namespaced: boolean }
  | { readonly problem: ObjectProblem }
  | undefined;

/** Looks a kind up among those of this Kubernetes version. */
export function findKind(
  index: SchemaIndex,
  apiVersion: string,
  kind: string,
  api: KubernetesApi = apiOf(index),
): FoundKind {
  const impossible = impossibleName(apiVersion, kind);
  if (impossible !== undefined) return { problem: impossible };
  const served = kindOf(index.served, apiVersion, kind);
  if (served !== undefined) {
    const since = api.typeSince(served.type);
    return since === undefined ? served : { problem: notYet(api, apiVersion, kind, since) };
  }
  const removed = kindOf(index.removed, apiVersion, kind);
  if (removed !== undefined) return removedKind(index, { apiVersion, kind, ...removed }, api);
  if (
    index.disabled.includes(apiVersion) ||
    isForeign(index, apiVersion, kind) ||
    kind === "List"
  ) {
    return undefined;
  }
  return { problem: unknownKind(index, apiVersion, kind, api) };
}

function kindOf<T>(kinds: ByKind<T>, apiVersion: string, kind: string): T | undefined {
  return ownOf(ownOf(kinds, apiVersion) ?? {}, kind);
}

function notYet(
  api: KubernetesApi,
  apiVersion: string,
  kind: string,
  since: string,
): ObjectProblem {
  const message = `${kind} of ${apiVersion} came with Kubernetes ${since}, and ${api.label} does not have it`;
  return { path: ["apiVersion"], message };
}

const kindName = inAnyCase(dnsLabelWithLetterFirst);

/** Names that no API server can serve. */
function impossibleName(apiVersion: string, kind: string): ObjectProblem | undefined {
  const parts = apiVersion.split("/");
  const [group, version] = parts.length === 1 ? ["", apiVersion] : [parts[0]!, parts[1]!];
  const isGroup = parts.length === 1 || dnsSubdomain.fits(group);
  if (parts.length > 2 || !isGroup || !dnsLabelWithLetterFirst.fits(version)) {
    const message = `expected GROUP/VERSION or v1, got ${JSON.stringify(apiVersion)}`;
    return { path: ["apiVersion"], message };
  }
  if (kindName.fits(kind)) return undefined;
  const message = `expected a kind, such as Deployment, got ${JSON.stringify(kind)}`;
  return { path: ["kind"], message };
}

// Custom resources have a domain as their group; a group without a dot can only be a built-in one, and
// so can one that is a slip away from a built-in one that has the kind.
function isForeign(index: SchemaIndex, apiVersion: string, kind: string): boolean {
  const group = groupOf(apiVersion);
  const known = [...Object.keys(index.served), ...Object.keys(index.removed), ...index.disabled];
  if (!group.includes(".") || known.some((item) => groupOf(item) === group)) return false;
  const meant = known.find((item) => isSlip(group, groupOf(item)));
  return meant === undefined || kindOf(index.served, meant, kind) === undefined;
}

function removedKind(
  index: SchemaIndex,
  removed: RemovedKind & { readonly apiVersion: string; readonly kind: string },
  api: KubernetesApi,
): FoundKind {
  const { apiVersion, kind, since, replacement } = removed;
  const isServed =
    replacement !== undefined && kindOf(index.served, replacement, kind) !== undefined;
  const suggestion = isServed ? replacement : preferred(index, apiVersion, kind);
  const isThere = api.isBefore(since);
  const message = isThere
    ? `${kind} of ${apiVersion} is deprecated: Kubernetes ${since} removed it`
    : `${kind} of ${apiVersion} was removed in Kubernetes ${since}`;
  const meant = suggestion === undefined ? {} : { suggestion };
  return { problem: { path: ["apiVersion"], message, ...meant, isWarning: isThere } };
}

function unknownKind(
  index: SchemaIndex,
  apiVersion: string,
  kind: string,
  { label }: KubernetesApi,
): ObjectProblem {
  const kinds = ownOf(index.served, apiVersion);
  const other = preferred(index, apiVersion, kind);
  if (kinds !== undefined && other === undefined) {
    const message = `Kubernetes ${label} has no kind ${kind} in ${apiVersion}`;
    return { path: ["kind"], message, ...suggestion(kind, Object.keys(kinds)) };
  }
  const message = `Kubernetes ${label} has no ${kind} in ${apiVersion}`;
  if (other !== undefined) return { path: ["apiVersion"], message, suggestion: other };
  return { path: ["apiVersion"], message, ...suggestion(apiVersion, Object.keys(index.served)) };
}

/** The group version to use for a kind: one of the same group if there is one, else the newest. */
function preferred(index: SchemaIndex, apiVersion: string, kind: string): string | undefined {
  const having = Object.keys(index.served)
    .filter((item) => kindOf(index.served, item, kind) !== undefined)
    .sort()
    .reverse();
  return having.find((item) => groupOf(item) === groupOf(apiVersion)) ?? having[0];
}

function suggestion(word: string, candidates: readonly string[]): { readonly suggestion?: string } {
  const meant = suggest(word, candidates);
  return meant === undefined ? {} : { suggestion: meant };
}
