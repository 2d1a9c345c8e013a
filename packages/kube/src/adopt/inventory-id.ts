import { type ObjectRef, groupOf, versionOf } from "@tenon/core";

/** An entry of the inventories of Timoni and Flux: `namespace_name_group_Kind`, and the version. */
export interface ForeignEntry {
  readonly id: string;
  readonly v: string;
}

/** Writes an entry. */
export function formatEntry(ref: ObjectRef): ForeignEntry {
  const group = groupOf(ref.apiVersion);
  const name = group === "rbac.authorization.k8s.io" ? ref.name.replaceAll(":", "__") : ref.name;
  return {
    id: [ref.namespace ?? "", name, group, ref.kind].join("_"),
    v: versionOf(ref.apiVersion),
  };
}

/** Reads an entry; nothing comes back for what is none. */
export function parseEntry({ id, v }: ForeignEntry): ObjectRef | undefined {
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  const [, namespace, name, group, kind] = match ?? [];
  if (name === undefined || kind === undefined) return undefined;
  const apiVersion = group ? `${group}/${v}` : v;
  const ref = { apiVersion, kind, name: name.replaceAll("__", ":") };
  return namespace ? { ...ref, namespace } : ref;
}
