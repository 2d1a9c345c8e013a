import { type KubeObject, type ObjectRef, identityOf, refOf } from "@tenon/core";
import { type FieldChange, diffObjects, isImmutableChange } from "@tenon/kube";
import type { Impact } from "@tenon/schema";

/** A field that is rendered differently. Data of Secrets is masked. */
export interface RenderedChange extends FieldChange {
  /** The API server refuses the change: the object has to be deleted and created anew. */
  readonly immutable: boolean;
}

/** An object that is rendered differently. */
export interface ObjectDifference {
  readonly ref: ObjectRef;
  /** The name that it had, where that ends in a hash of its data. */
  readonly was?: string | undefined;
  readonly change: "added" | "removed" | "changed";
  readonly impact: Impact;
  readonly fields: readonly RenderedChange[];
}

/** What two versions of a module render, with the version that each of them knows. */
export interface RenderedVersion {
  readonly version: string;
  readonly objects: readonly KubeObject[];
}

/**
 * Compares objects by their identity. An object that leaves is deleted from clusters, which breaks
 * what uses it; one whose name only differs in a hash of its data is the same one. That a version
 * stands in a label is no difference.
 *
 * @returns differences in the order of the new objects, then those that leave
 */
export function compareObjects(
  before: RenderedVersion,
  after: RenderedVersion,
): ObjectDifference[] {
  const left = new Map(before.objects.map((object) => [identityOf(refOf(object)), object]));
  const young = after.objects.map((object) => {
    const old = left.get(identityOf(refOf(object)));
    left.delete(identityOf(refOf(object)));
    return { object, old };
  });
  const versions = { before: before.version, after: after.version };
  const compared = young.flatMap(({ object, old }) => {
    const same = old ?? takeRenamed(left, object);
    return same === undefined ? [added(object)] : changed(same, object, versions);
  });
  return [...compared, ...[...left.values()].map(removed)];
}

function added(object: KubeObject): ObjectDifference {
  return { ref: refOf(object), change: "added", impact: "feature", fields: [] };
}

function removed(object: KubeObject): ObjectDifference {
  return { ref: refOf(object), change: "removed", impact: "breaking", fields: [] };
}

function changed(
  old: KubeObject,
  object: KubeObject,
  versions: { readonly before: string; readonly after: string },
): ObjectDifference[] {
  const ref = refOf(object);
  const renamed = old.view.metadata.name !== ref.name;
  const sealed = !renamed && old.view["immutable"] === true;
  const fields = diffObjects(old.view, object.view)
    .map((field) => ({ ...field, immutable: isImmutableChange(ref, field, { sealed }) }))
    .filter((field) => field.immutable || !isVersionLabel(field, versions));
  if (fields.length === 0) return [];
  return [
    {
      ref,
      ...(renamed && { was: old.view.metadata.name }),
      change: "changed",
      impact: fields.some(({ immutable }) => immutable) ? "breaking" : "fix",
      fields,
    },
  ];
}

/** The path of a member of `labels`, of the object or of a template in it. */
const labelPath = /(^|\.)labels(\.[\w-]+|\["[^"]*"\])$/;

/** Tells a label that differs in the version of the module alone. */
function isVersionLabel(
  { path, before, after }: FieldChange,
  versions: { readonly before: string; readonly after: string },
): boolean {
  if (!labelPath.test(path) || typeof before !== "string" || typeof after !== "string")
    return false;
  return before.replaceAll(versions.before, versions.after) === after;
}

const hashEnd = /-[0-9a-f]{8,}$/;

/** Takes the object whose name differs in the hash at its end. */
function takeRenamed(left: Map<string, KubeObject>, object: KubeObject): KubeObject | undefined {
  const stem = stemOf(object);
  if (stem === undefined) return undefined;
  const found = [...left].find(([, other]) => stemOf(other) === stem);
  if (found !== undefined) left.delete(found[0]);
  return found?.[1];
}

function stemOf(object: KubeObject): string | undefined {
  const ref = refOf(object);
  if (!hashEnd.test(ref.name)) return undefined;
  return identityOf({ ...ref, name: ref.name.replace(hashEnd, "") });
}
