import { arrayElements, objectMembers } from "@tenon/core";

import type { FieldType } from "../kubernetes/field-type.ts";

/**
 * Merges a patch into a value, both JSON texts: members of objects are merged, `null` takes one away,
 * and of lists whose elements have keys those of the same keys are merged, with `$patch: delete` taken
 * away, and others added. All else takes the place of what was there.
 *
 * @param type what the schema says of the value; without it, lists are replaced
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function mergePatch(base: string, patch: string, type: FieldType | undefined): string {
  return merge(base, patch, type);
}

function merge(base: string | undefined, patch: string, type: FieldType | undefined): string {
  const members = objectMembers(patch, []);
  if (members !== undefined) return mergeObject(base, members, type);
  const keys = type?.keys();
  const [ours, theirs] = [
    base === undefined ? [] : arrayElements(base, []),
    arrayElements(patch, []),
  ];
  if (keys === undefined || ours === undefined || theirs === undefined) return patch;
  return mergeList(ours, theirs, { keys, type: type?.items() });
}

function mergeObject(
  base: string | undefined,
  members: readonly (readonly [string, string])[],
  type: FieldType | undefined,
): string {
  const merged = new Map(base === undefined ? [] : objectMembers(base, []));
  for (const [key, text] of members) {
    if (text === "null") merged.delete(key);
    else merged.set(key, merge(merged.get(key), text, type?.field(key)));
  }
  return `{${[...merged].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
}

function mergeList(
  base: readonly string[],
  patch: readonly string[],
  {
    keys,
    type,
  }: { readonly keys: Readonly<Record<string, unknown>>; readonly type: FieldType | undefined },
): string {
  const merged = [...base];
  for (const element of patch) {
    const place = merged.findIndex((other) => sameKeys(other, element, keys));
    if (isDeletion(element)) {
      if (place >= 0) merged.splice(place, 1);
    } else if (place >= 0) merged[place] = merge(merged[place], element, type);
    else merged.push(merge(undefined, element, type));
  }
  return `[${merged.join(",")}]`;
}

/** Tells whether two elements of a list, as JSON texts, are the same one by their keys. */
export function sameKeys(
  one: string,
  other: string,
  keys: Readonly<Record<string, unknown>>,
): boolean {
  const [a, b] = [one, other].map((text) => new Map(objectMembers(text, [])));
  return Object.entries(keys).every(([key, initial]) => {
    const absent = JSON.stringify(initial);
    return (a!.get(key) ?? absent) === (b!.get(key) ?? absent);
  });
}

function isDeletion(element: string): boolean {
  const directive = new Map(objectMembers(element, [])).get("$patch");
  return directive === '"delete"';
}
