import { type KubeObjectView, digestHex, sha256 } from "@tenon/core";

import { fieldManager } from "./identity.ts";
import { isObject } from "./json.ts";
import { managedFields, uidOf } from "./live-object.ts";

/**
 * What the server made of the fields that we applied: the shape of `fieldsV1` (`f:name`, `k:{…}`,
 * `v:…`), with each leaf in the form `{"=": value}`. A member that is there without fields of its
 * own is `{".": {}}`.
 */
export interface OwnedFields {
  readonly [element: string]: unknown;
}

/**
 * The part of a live object that we own by server-side apply. The data of Secrets comes as digests.
 * The format of `fieldsV1` is that of sigs.k8s.io/structured-merge-diff.
 */
export function ownedFields(view: KubeObjectView): OwnedFields | undefined {
  const own = managedFields(view).find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === "Apply" && !subresource,
  );
  if (own?.fieldsV1 === undefined) return undefined;
  return pick(view, own.fieldsV1 as OwnedFields, leafOf(view));
}

/**
 * The paths of owned fields as the API server writes them in conflicts:
 * `.spec.template.spec.containers[name="web"].image`.
 */
export function ownedPaths(fields: OwnedFields, prefix = ""): string[] {
  return Object.entries(fields).flatMap(([element, inner]) => {
    if (element === "." || element === "=") return [];
    const path = prefix + conflictElement(element);
    const members = ownedPaths(inner as OwnedFields, path);
    return members.length === 0 ? [path] : members;
  });
}

function conflictElement(element: string): string {
  const [kind, rest] = [element.slice(0, 2), element.slice(2)];
  if (kind === "f:") return `.${rest}`;
  if (kind === "v:") return `[=${rest}]`;
  if (kind === "i:") return `[${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}

/** How the value of a leaf is kept: of a Secret's data nothing but a digest, keyed by the object. */
export function leafOf(view: KubeObjectView): (value: unknown, path: readonly string[]) => unknown {
  const secret = view.kind === "Secret" && view.apiVersion === "v1";
  return (value, [first]) => {
    if (!secret || (first !== "f:data" && first !== "f:stringData")) return value;
    return digestHex(sha256(`${uidOf(view) ?? ""}/${JSON.stringify(value)}`)).slice(0, 24);
  };
}

/** The member, or the item of a list, that a path element names. */
export function memberAt(value: unknown, element: string): unknown {
  const [kind, rest] = [element.slice(0, 2), element.slice(2)];
  if (kind === "f:") {
    return isObject(value) && Object.hasOwn(value, rest) ? value[rest] : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (kind === "i:") return value[Number(rest)] as unknown;
  const wanted = JSON.parse(rest) as unknown;
  if (kind === "v:") return value.find((item) => item === wanted) as unknown;
  const keys = Object.entries(wanted as Record<string, unknown>);
  return value.find((item) => isObject(item) && keys.every(([key, own]) => hasKey(item, key, own)));
}

/** Fields that the server fills in may be part of a key: a port without a protocol is TCP. */
function hasKey(item: Record<string, unknown>, key: string, value: unknown): boolean {
  return item[key] === value || (item[key] === undefined && key === "protocol" && value === "TCP");
}

function pick(
  value: unknown,
  fields: OwnedFields,
  leaf: ReturnType<typeof leafOf>,
  path: readonly string[] = [],
): OwnedFields {
  const picked: Record<string, unknown> = {};
  for (const [element, inner] of Object.entries(fields)) {
    if (element === ".") {
      picked[element] = {};
      continue;
    }
    const member = memberAt(value, element);
    if (member === undefined) continue;
    const at = [...path, element];
    const isLeaf = Object.keys(inner as object).length === 0;
    picked[element] = isLeaf
      ? { "=": leaf(member, at) }
      : pick(member, inner as OwnedFields, leaf, at);
  }
  return picked;
}
