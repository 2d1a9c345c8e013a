import { type KubeObject, arrayElements, objectMembers } from "@tenon/core";

import type { FieldType } from "../kubernetes/field-type.ts";
import { appendSelector } from "../render/cue-path.ts";
import { sameKeys } from "./merge-patch.ts";

/** What a bundle changes in an object that a module renders. */
export interface Patch {
  /** `Kind/name`, or `Kind/namespace/name`. */
  readonly target: string;
  /** JSON text of an object. */
  readonly json: string;
}

/** A patch that was merged into an object. */
export interface AppliedPatch extends Patch {
  readonly type: FieldType | undefined;
}

/** CUE path of a patch among the fields of the instance. */
export function patchPath({ target }: Patch): string {
  return appendSelector("patches", target);
}

/**
 * CUE path of a value of a patched object in the patch, among the fields of the instance; nothing when
 * the patch does not have it.
 */
export function pathInPatch(
  object: KubeObject,
  patch: AppliedPatch,
  keys: readonly (string | number)[],
): string | undefined {
  let at = { object: object.json, patch: patch.json, type: patch.type, path: patchPath(patch) };
  for (const key of keys) {
    const next = typeof key === "number" ? element(at, key) : member(at, key);
    if (next === undefined) return undefined;
    at = next;
  }
  return at.path;
}

interface Place {
  readonly object: string;
  readonly patch: string;
  readonly type: FieldType | undefined;
  readonly path: string;
}

function member({ object, patch, type, path }: Place, key: string): Place | undefined {
  const [ours, theirs] = [object, patch].map((text) => new Map(objectMembers(text, [])).get(key));
  if (theirs === undefined) return undefined;
  return {
    object: ours ?? "null",
    patch: theirs,
    type: type?.field(key),
    path: appendSelector(path, key),
  };
}

function element({ object, patch, type, path }: Place, index: number): Place | undefined {
  const ours = arrayElements(object, [])?.[index];
  const theirs = arrayElements(patch, []) ?? [];
  const keys = type?.keys();
  const found =
    keys === undefined || ours === undefined
      ? index
      : theirs.findIndex((other) => sameKeys(ours, other, keys));
  const text = theirs[found];
  if (ours === undefined || text === undefined) return undefined;
  return { object: ours, patch: text, type: type?.items(), path: appendSelector(path, found) };
}
