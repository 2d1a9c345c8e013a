import type { KubeObjectView } from "@tenon/core";

import { fieldManager, leftManager } from "../identity.ts";
import { type ManagedFields, managedFields } from "../live-object.ts";
import {
  type FieldSet,
  fieldPath,
  formatFields,
  isEmptySet,
  noFields,
  parseFields,
  subtractFields,
  unionFields,
} from "./field-set.ts";
import type { Marks } from "./foreign-tool.ts";

/** An entry of `managedFields` with all that the API server writes. */
export type ManagedEntry = ManagedFields & {
  readonly apiVersion?: string;
  readonly fieldsType?: string;
};

/** Whose fields become ours. */
export interface FoldRequest {
  /** The version that the object is rendered in. */
  readonly apiVersion: string;
  readonly isForeign: (entry: ManagedFields) => boolean;
  /** These go with the ownership, whoever has them. */
  readonly marks: Marks;
}

/** The managers of an object once its fields have changed hands. */
export interface Fold {
  /** What `managedFields` is to be. */
  readonly entries: readonly ManagedEntry[];
  /** Managers that give their fields up. */
  readonly from: readonly string[];
  /** Version of the API that our own entry is written in. */
  readonly version: string;
  /** All that is ours from then on. */
  readonly ours: FieldSet;
  /** There is something to write. */
  readonly changes: boolean;
}

/**
 * Moves the fields of the entries that are foreign to our own entry, the one that server-side apply
 * compares with: what the next apply leaves out goes, and nothing else changes. Fields written in
 * another version of the API cannot be compared, so those become nobody's.
 */
export function foldOwnership(live: KubeObjectView, request: FoldRequest): Fold {
  const { apiVersion, isForeign } = request;
  const before = managedFields(live) as readonly ManagedEntry[];
  const foreign = before.filter(isForeign);
  const marks = marksOn(live, request.marks);
  const own = before.find(isOurs);
  const version = own?.apiVersion ?? apiVersion;
  const taken = foreign.filter((entry) => entry.apiVersion === version);
  const fields = [own, ...taken].map((entry) => parseFields(entry?.fieldsV1));
  const ours = ownableFields(live, unionFields(...fields, marks));
  const others = before
    .filter((entry) => entry !== own && !foreign.includes(entry))
    .filter(({ manager }) => manager !== leftManager)
    .flatMap((entry) => withoutFields(entry, marks));
  const grown = !isEmptySet(subtractFields(ours, own === undefined ? noFields : fields[0]!));
  const changes = foreign.length > 0 || grown;
  const from = [...new Set(foreign.map(({ manager = "" }) => manager))];
  return { entries: [ourEntry(version, ours), ...others], version, from, ours, changes };
}

/**
 * The server copies what is in stringData of a Secret to data, and lets nobody own the copies: who had
 * the one gets the other, so that a key goes when it has left the render.
 */
function ownableFields({ apiVersion, kind }: KubeObjectView, fields: FieldSet): FieldSet {
  const texts = fields.children.get("f:stringData");
  if (texts === undefined || apiVersion !== "v1" || kind !== "Secret") return fields;
  const children = new Map(fields.children);
  children.delete("f:stringData");
  const copies = { member: false, children: texts.children };
  children.set("f:data", unionFields(children.get("f:data") ?? noFields, copies));
  return { ...fields, children };
}

/** Our own entry of `managedFields`. */
export function isOurs({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === fieldManager && operation === "Apply" && !subresource;
}

/** What an entry names as the same manager, whatever fields it has. */
export function entryKey(entry: ManagedEntry): string {
  const version = entry.operation === "Apply" ? "" : entry.apiVersion;
  return [entry.manager, entry.operation, version, entry.subresource ?? ""].join("|");
}

/** An entry with other fields. */
export function withFields(entry: ManagedEntry, fields: FieldSet): ManagedEntry {
  return { ...entry, fieldsType: "FieldsV1", fieldsV1: formatFields(fields) };
}

function ourEntry(apiVersion: string, fields: FieldSet): ManagedEntry {
  return withFields({ manager: fieldManager, operation: "Apply", apiVersion }, fields);
}

function withoutFields(entry: ManagedEntry, fields: FieldSet): ManagedEntry[] {
  if (isEmptySet(fields)) return [entry];
  const left = subtractFields(parseFields(entry.fieldsV1), fields);
  return isEmptySet(left) ? [] : [withFields(entry, left)];
}

function marksOn({ metadata }: KubeObjectView, marks: Marks): FieldSet {
  const present = (["labels", "annotations"] as const).flatMap((field) =>
    marks[field]
      .filter((key) => metadata[field]?.[key] !== undefined)
      .map((key) => fieldPath("metadata", field, key)),
  );
  return unionFields(noFields, ...present);
}
