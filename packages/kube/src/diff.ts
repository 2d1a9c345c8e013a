import type { KubeObjectView } from "@tenon/core";

import { type Json, isObject } from "./json.ts";

/** A field with its value before and after; one of them is absent for added and removed fields. */
export interface FieldChange {
  /** Such as `spec.template.spec.containers[web].image` or `data["a.b"]`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Fields of metadata that the server keeps for itself. */
const serverMetadata = [
  "managedFields",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "uid",
  "selfLink",
];

/** Repeats the whole object, data of Secrets included. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** An object without what the server keeps for itself and without its status. */
export function comparable(view: KubeObjectView): Json {
  const { status: _, ...rest } = view;
  const metadata: Record<string, unknown> = { ...view.metadata };
  for (const field of serverMetadata) delete metadata[field];
  return { ...rest, metadata };
}

/**
 * The fields in which two answers of the server differ. Data of a Secret is masked.
 *
 * @param before the live object, or nothing when there is none
 * @param after what the server says it would become
 */
export function diffObjects(
  before: KubeObjectView | undefined,
  after: KubeObjectView,
): FieldChange[] {
  const changes: FieldChange[] = [];
  const [a, b] = [before === undefined ? {} : comparable(before), comparable(after)];
  collect(a, b, "", changes);
  const secret = after.kind === "Secret" && after.apiVersion === "v1";
  return changes
    .filter(({ path }) => !path.includes(lastApplied))
    .map((change) => (secret ? maskSecret(change) : change));
}

function collect(before: unknown, after: unknown, path: string, into: FieldChange[]): void {
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      collect(before[key], after[key], join(path, key), into);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    collectList(before, after, path, into);
  } else if (before === undefined && hasMembers(after)) {
    for (const key of Object.keys(after)) collect(undefined, after[key], join(path, key), into);
  } else if (after === undefined && hasMembers(before)) {
    for (const key of Object.keys(before)) collect(before[key], undefined, join(path, key), into);
  } else if (!isEqual(before, after)) {
    into.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    });
  }
}

function collectList(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  into: FieldChange[],
): void {
  const key = listKey(before, after);
  if (key === undefined) {
    if (before.length === after.length && before.every(isObject) && after.every(isObject)) {
      after.forEach((item, index) => collect(before[index], item, `${path}[${index}]`, into));
    } else if (!isEqual(before, after)) {
      into.push({ path, before, after });
    }
    return;
  }
  const [a, b] = [byKey(before, key), byKey(after, key)];
  for (const id of new Set([...a.keys(), ...b.keys()])) {
    const [from, to] = [a.get(id), b.get(id)];
    if (from === undefined || to === undefined) {
      const side = from === undefined ? { after: to } : { before: from };
      into.push({ path: `${path}[${id}]`, ...side });
    } else {
      collect(from, to, `${path}[${id}]`, into);
    }
  }
  const moved = a.size === b.size && !isEqual([...a.keys()], [...b.keys()]);
  if (moved && [...a.keys()].every((id) => b.has(id))) {
    into.push({ path: `${path} (order)`, before: [...a.keys()], after: [...b.keys()] });
  }
}

/** The member that tells the items of a list apart, where there is one. */
function listKey(before: readonly unknown[], after: readonly unknown[]): string | undefined {
  const items = [...before, ...after];
  if (items.length === 0 || !items.every(isObject)) return undefined;
  return ["name", "containerPort", "port", "key", "ip", "topologyKey"].find((key) =>
    [before, after].every((list) => {
      const ids = list.map((item) => (item as Json)[key]);
      return ids.every((id) => id !== undefined) && new Set(ids).size === ids.length;
    }),
  );
}

function byKey(list: readonly unknown[], key: string): Map<string, unknown> {
  return new Map(list.map((item) => [String((item as Json)[key]), item]));
}

function maskSecret(change: FieldChange): FieldChange {
  if (!/^(data|stringData)\b/.test(change.path)) return change;
  const both = change.before !== undefined && change.after !== undefined;
  return {
    path: change.path,
    ...(change.before === undefined ? {} : { before: both ? "*** (before)" : "***" }),
    ...(change.after === undefined ? {} : { after: both ? "*** (after)" : "***" }),
  };
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function hasMembers(value: unknown): value is Json {
  return isObject(value) && Object.keys(value).length > 0;
}

/** Tells whether two parsed JSON values are the same, whatever the order of their keys. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && isEqual(a[key], b[key]))
  );
}
