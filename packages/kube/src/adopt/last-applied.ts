import type { ObjectRef } from "@tenon/core";

import type { Json } from "../json.ts";
import { parseExact, printExact } from "./exact-json.ts";
import { type FieldSet, unionFields } from "./field-set.ts";
import { extractFields } from "./field-values.ts";
import { escapedAsGo, sortedJson } from "./go-json.ts";

/** All annotations of an object may have 256 KiB together. */
const maxBytes = 200 * 1024;

/**
 * What `kubectl apply` keeps of an object in an annotation, so that it finds out which fields have
 * left the file: here the fields that are handed over to it. Nothing comes back where that is too
 * large to be an annotation.
 */
export function lastApplied(
  ref: ObjectRef,
  text: string,
  fields: { readonly given: FieldSet; readonly others: readonly FieldSet[] },
): string | undefined {
  const live = parseExact(text) as Json;
  const { metadata, ...content } = extractFields(live, fields.given, unionFields(...fields.others));
  const { name, namespace } = ref;
  const place = namespace === undefined ? { name } : { name, namespace };
  const { apiVersion, kind } = ref;
  const config = { apiVersion, kind, ...content, metadata: { ...(metadata as Json), ...place } };
  const printed = `${escapedAsGo(printExact(config, sortedJson))}\n`;
  return Buffer.byteLength(printed) > maxBytes ? undefined : printed;
}
