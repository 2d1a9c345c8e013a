import type { KubeObjectView } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import {
  fieldManager,
  instanceLabel,
  instanceNamespaceLabel,
  kubectlLastApplied,
  leftAnnotation,
  leftManager,
  ownerLabels,
  timoniOwnerLabels,
} from "../identity.ts";
import { type ManagedFields, managedFields } from "../live-object.ts";
import {
  type FieldSet,
  fieldPath,
  isEmptySet,
  parseFields,
  subtractFields,
  unionFields,
} from "./field-set.ts";
import { type ManagedEntry, entryKey, isOurs, withFields } from "./fold-ownership.ts";
import { lastApplied } from "./last-applied.ts";
import { type LiveObject, type Place, patchFresh, writeManagers } from "./write-managers.ts";

/** Whom an instance is given to: `nobody` leaves plain objects. */
export type Receiver = "nobody" | "kubectl" | "timoni";

/** The instance that gives its objects away. */
export interface Giver {
  readonly name: string;
  readonly namespace: string;
}

/**
 * Gives an object away: first its labels and annotations, then the ownership of its fields. Nothing
 * else of it changes. What was done before is not done again.
 */
export async function handOver(
  client: KubeClient,
  place: Place,
  request: CallOptions & { readonly giver: Giver; readonly to: Receiver },
): Promise<void> {
  const { giver, to, signal } = request;
  const options = { signal };
  await patchFresh(client, place, options, (live) => {
    if (isOfOther(live.view, giver) || !hasOurs(live.view)) return undefined;
    return marksPatch(live, place, { giver, to });
  });
  await writeManagers(client, place, options, (live) => {
    if (isOfOther(live, giver) || !hasOurs(live)) return undefined;
    return managersAfter(live, to);
  });
}

/** Tells an object that bears the labels of another instance. */
export function isOfOther({ metadata: { labels } }: KubeObjectView, giver: Giver): boolean {
  const [name, namespace] = [labels?.[instanceLabel], labels?.[instanceNamespaceLabel]];
  return name !== undefined && (name !== giver.name || namespace !== giver.namespace);
}

function marksPatch(
  live: LiveObject,
  place: Place,
  { giver, to }: { readonly giver: Giver; readonly to: Receiver },
): object[] {
  const { metadata } = live.view;
  const labels: Record<string, string> = { ...metadata.labels };
  for (const label of Object.keys(ownerLabels("", ""))) delete labels[label];
  const annotations: Record<string, string> = { ...metadata.annotations };
  if (to === "timoni") {
    const [name, namespace] = timoniOwnerLabels;
    Object.assign(labels, { [name]: giver.name, [namespace]: giver.namespace });
  }
  const applied = to === "kubectl" ? lastAppliedOf(live, place) : undefined;
  if (applied !== undefined) annotations[kubectlLastApplied] = applied;
  return [
    ...mapPatch("labels", metadata.labels ?? {}, labels),
    ...mapPatch("annotations", metadata.annotations ?? {}, annotations),
  ];
}

function mapPatch(
  field: "labels" | "annotations",
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): object[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  if ([...keys].every((key) => before[key] === after[key])) return [];
  return [{ op: "add", path: `/metadata/${field}`, value: after }];
}

function lastAppliedOf({ view, text }: LiveObject, { ref }: Place): string | undefined {
  const entries = managedFields(view) as readonly ManagedEntry[];
  const own = entries.find(isOurs);
  // Fields of another version of the API cannot be found in what was read.
  if (own === undefined || own.apiVersion !== view.apiVersion) return undefined;
  const others = entries
    .filter((entry) => !isMine(entry))
    .map(({ fieldsV1 }) => parseFields(fieldsV1));
  const given = subtractFields(parseFields(own.fieldsV1), ourMarks);
  return lastApplied({ ...ref, apiVersion: view.apiVersion }, text, { given, others });
}

/** The managers of an object once our fields are somebody else's. */
function managersAfter(live: KubeObjectView, to: Receiver): ManagedEntry[] {
  const entries = managedFields(live) as readonly ManagedEntry[];
  const mine = entries.filter(isMine);
  const left = entries.filter((entry) => !isMine(entry));
  const { apiVersion } = mine.find(isOurs) ?? mine[0]!;
  const heir = heirOf(live, to, apiVersion);
  if (heir === undefined) return left.length > 0 ? left : [placeholder(apiVersion)];
  const same = left.find((entry) => entryKey(entry) === entryKey(heir));
  const sets = [...mine, same]
    .filter((entry) => entry?.apiVersion === apiVersion)
    .map((entry) => parseFields(entry?.fieldsV1));
  const fields = subtractFields(unionFields(...sets), ourMarks);
  if (isEmptySet(fields)) return left;
  return [withFields(heir, fields), ...left.filter((entry) => entry !== same)];
}

function placeholder(apiVersion: string | undefined): ManagedEntry {
  const version = apiVersion === undefined ? {} : { apiVersion };
  const entry = { manager: leftManager, operation: "Update", ...version };
  return withFields(entry, fieldPath("metadata", "annotations", leftAnnotation));
}

/** With the annotation kubectl goes on as it always did; without it as its server-side apply does. */
function heirOf(
  { metadata }: KubeObjectView,
  to: Receiver,
  apiVersion: string | undefined,
): ManagedEntry | undefined {
  const version = apiVersion === undefined ? {} : { apiVersion };
  if (to === "nobody") return undefined;
  if (to === "timoni") return { manager: "timoni", operation: "Apply", ...version };
  return metadata.annotations?.[kubectlLastApplied] === undefined
    ? { manager: "kubectl", operation: "Apply", ...version }
    : { manager: "kubectl-client-side-apply", operation: "Update", ...version };
}

const ourMarks: FieldSet = unionFields(
  ...Object.keys(ownerLabels("", "")).map((label) => fieldPath("metadata", "labels", label)),
);

function hasOurs(view: KubeObjectView): boolean {
  return managedFields(view).some(isMine) || view.metadata.labels?.[instanceLabel] !== undefined;
}

function isMine({ manager, subresource }: ManagedFields): boolean {
  return manager === fieldManager && !subresource;
}
