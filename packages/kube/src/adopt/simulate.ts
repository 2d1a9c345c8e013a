import type { KubeObjectView } from "@tenon/core";

import type { FieldConflict } from "../client/api-error.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { resourcePath } from "../client/resource-path.ts";
import { type FieldChange, diffObjects } from "../diff.ts";
import { fieldManager } from "../identity.ts";
import type { Json } from "../json.ts";
import { managedFields, parseLive } from "../live-object.ts";
import type { PreparedObject } from "../prepare.ts";
import { parseExact, printExact } from "./exact-json.ts";
import {
  type FieldSet,
  fieldPaths,
  isEmptySet,
  parseFields,
  subtractFields,
  unionFields,
} from "./field-set.ts";
import { removeFields } from "./field-values.ts";
import { type Fold, type ManagedEntry, entryKey, isOurs } from "./fold-ownership.ts";

/** What an apply would do to an object whose fields had changed hands. */
export interface Simulation {
  readonly fields: readonly FieldChange[];
  /** Fields of still other managers that the render wants to have another value. */
  readonly conflicts: readonly FieldConflict[];
  readonly warnings: readonly string[];
}

/**
 * Finds out, without a write, what applying an object would do after {@link Fold}. The API server
 * cannot be asked for that in one call: it applies the render over what is there, then what only the
 * former managers had and the render leaves out is taken away, and the server fills in its defaults.
 */
export async function simulate(
  client: KubeClient,
  object: PreparedObject,
  live: KubeObjectView,
  options: { readonly fold: Fold; readonly signal?: AbortSignal | undefined },
): Promise<Simulation> {
  const { fold, signal } = options;
  const { text, warnings } = await dryRun(client, object, {
    query: { force: true, fieldValidation: "Warn" },
    contentType: "application/apply-patch+yaml",
    body: object.json,
    signal,
  });
  const applied = parseLive(text);
  const kept = keptFields(applied, fold);
  const gone = fold.version === object.ref.apiVersion ? subtractFields(fold.ours, kept) : undefined;
  const conflicts = conflictsOf(applied, fold);
  if (gone === undefined || isEmptySet(gone)) {
    return { fields: diffObjects(live, applied), conflicts, warnings };
  }
  const result = removeFields(parseExact(text) as Json, gone, kept);
  const answer = await dryRun(client, object, {
    query: {},
    contentType: "application/json-patch+json",
    body: printExact(patchTo(result, live as unknown as Json)),
    signal,
  });
  return { fields: diffObjects(live, parseLive(answer.text)), conflicts, warnings };
}

/** What any manager has once the render is applied, those that give their fields up left out. */
function keptFields(applied: KubeObjectView, fold: Fold): FieldSet {
  const staying = new Set(fold.entries.map(entryKey));
  const entries = managedFields(applied) as readonly ManagedEntry[];
  return unionFields(
    ...entries
      .filter((entry) => isOurs(entry) || staying.has(entryKey(entry)))
      .map(({ fieldsV1 }) => parseFields(fieldsV1)),
  );
}

/** An apply by force takes fields away from other managers: those are the conflicts. */
function conflictsOf(applied: KubeObjectView, fold: Fold): FieldConflict[] {
  const after = new Map(
    (managedFields(applied) as readonly ManagedEntry[]).map((entry) => [entryKey(entry), entry]),
  );
  return (
    fold.entries
      // A controller reports its status at any time: that takes nothing from anybody.
      .filter((entry) => !isOurs(entry) && entry.subresource !== "status")
      .flatMap((entry) => {
        const left = parseFields(after.get(entryKey(entry))?.fieldsV1);
        const lost = subtractFields(parseFields(entry.fieldsV1), left);
        const { manager = "", time: since } = entry;
        return fieldPaths(lost).map((field) => ({ field: `.${field}`, manager, since }));
      })
  );
}

/** A JSON patch that gives an object the content of another. */
function patchTo(result: Json, live: Json): object[] {
  const fixed = new Set(["apiVersion", "kind", "metadata", "status"]);
  const keys = [...new Set([...Object.keys(live), ...Object.keys(result)])];
  const [metadata, liveMetadata] = [result["metadata"] as Json, live["metadata"] as Json];
  return [
    ...keys.filter((key) => !fixed.has(key)).flatMap((key) => change([key], result, live)),
    ...["labels", "annotations"].flatMap((key) =>
      change(["metadata", key], metadata, liveMetadata),
    ),
  ];
}

function change(path: readonly string[], result: Json, live: Json): object[] {
  const key = path.at(-1)!;
  const pointer = `/${path.map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
  if (result[key] !== undefined) return [{ op: "add", path: pointer, value: result[key] }];
  return live[key] === undefined ? [] : [{ op: "remove", path: pointer }];
}

async function dryRun(
  client: KubeClient,
  { ref, resource }: PreparedObject,
  call: {
    readonly query: Readonly<Record<string, string | boolean>>;
    readonly contentType: string;
    readonly body: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly text: string; readonly warnings: readonly string[] }> {
  return client.request({
    method: "PATCH",
    path: resourcePath(resource, ref.namespace, ref.name),
    query: { fieldManager, dryRun: "All", ...call.query },
    contentType: call.contentType,
    body: call.body,
    action: `apply ${[ref.kind, ref.namespace, ref.name].filter(Boolean).join("/")}`,
    idempotent: true,
    unversioned: true,
    signal: call.signal,
  });
}
