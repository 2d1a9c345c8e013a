import type { SchemaChange, SchemaChangeKind } from "./schema-change.ts";

const words: Readonly<Record<SchemaChangeKind, string>> = {
  "field-removed": "removed",
  "field-added": "new",
  "required-field-added": "new, and has to be set",
  "now-required": "has to be set now",
  "now-optional": "may be left out now",
  "type-narrowed": "takes less",
  "type-widened": "takes more",
  "value-removed": "no longer takes",
  "value-added": "also takes",
  "bound-tightened": "tighter bound",
  "bound-loosened": "looser bound",
  "pattern-changed": "another pattern",
  "pattern-added": "new pattern",
  "pattern-removed": "no pattern any more",
  "check-changed": "another check",
  "check-added": "new check",
  "check-removed": "no check any more",
  "default-changed": "other default",
};

/** A change in words, with what was there and what is. */
export function changeText({
  change,
  before,
  after,
  uncertain,
}: Omit<SchemaChange, "text">): string {
  const doubt = uncertain === true ? ", which cannot be compared" : "";
  const values = /^(bound|default)/.test(change)
    ? `${before ?? "none"} → ${after ?? "none"}`
    : [before, after].filter((text) => text !== undefined).join(" → ");
  return `${words[change]}${doubt}: ${values}`;
}
