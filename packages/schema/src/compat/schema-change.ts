import { changeText } from "./change-text.ts";

/**
 * What a change means for those who use a module: `breaking` when something that worked may stop
 * working, `feature` when more is possible than before, `fix` for the rest.
 */
export type Impact = "breaking" | "feature" | "fix";

/** A way in which the schema of a value changes. */
export type SchemaChangeKind =
  | "field-removed"
  | "field-added"
  | "required-field-added"
  | "now-required"
  | "now-optional"
  | "type-narrowed"
  | "type-widened"
  | "value-removed"
  | "value-added"
  | "bound-tightened"
  | "bound-loosened"
  | "pattern-changed"
  | "pattern-added"
  | "pattern-removed"
  | "check-changed"
  | "check-added"
  | "check-removed"
  | "default-changed";

/** One difference between two schemas of values. */
export interface SchemaChange {
  /**
   * Such as `values.service.port`. `[]` stands for the elements of a list, `[string]` for fields that
   * are not named.
   */
  readonly path: string;
  readonly change: SchemaChangeKind;
  readonly impact: Impact;
  /** What was there, in the notation of CUE; absent where there was nothing. */
  readonly before?: string | undefined;
  /** What is there now. */
  readonly after?: string | undefined;
  /** All of it in words: `tighter bound: <=10 → <=5`. */
  readonly text: string;
  /** The two cannot be compared, so that it may break nothing. */
  readonly uncertain?: true;
}

const impacts: Readonly<Record<SchemaChangeKind, Impact>> = {
  "field-removed": "breaking",
  "field-added": "feature",
  "required-field-added": "breaking",
  "now-required": "breaking",
  "now-optional": "feature",
  "type-narrowed": "breaking",
  "type-widened": "feature",
  "value-removed": "breaking",
  "value-added": "feature",
  "bound-tightened": "breaking",
  "bound-loosened": "feature",
  "pattern-changed": "breaking",
  "pattern-added": "breaking",
  "pattern-removed": "feature",
  "check-changed": "breaking",
  "check-added": "breaking",
  "check-removed": "feature",
  "default-changed": "feature",
};

/** Nobody can tell which of the two takes more. */
const incomparable: ReadonlySet<SchemaChangeKind> = new Set(["pattern-changed", "check-changed"]);

/** Makes a change of what is different. */
export function schemaChange(
  path: string,
  change: SchemaChangeKind,
  values: { readonly before?: string | undefined; readonly after?: string | undefined },
): SchemaChange {
  const uncertain = incomparable.has(change) ? ({ uncertain: true } as const) : {};
  const found = { path, change, impact: impacts[change], ...values, ...uncertain };
  return { ...found, text: changeText(found) };
}
