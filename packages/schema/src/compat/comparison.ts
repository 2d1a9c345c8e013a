import type { JsonSchema } from "./json-schema.ts";
import type { SchemaChange } from "./schema-change.ts";

/** Two schemas as they were, and as they are now. */
export interface SchemaPair {
  readonly before: JsonSchema;
  readonly after: JsonSchema;
}

/** What the parts of a comparison share. */
export interface Comparison {
  /** Compares what two fields, elements or alternatives accept. */
  readonly compare: (pair: SchemaPair, path: string) => SchemaChange[];
  /** What a schema accepts, in short. */
  readonly textBefore: (schema: JsonSchema) => string;
  readonly textAfter: (schema: JsonSchema) => string;
  /** What the references in a schema stand for. */
  readonly resolveBefore: (schema: JsonSchema) => JsonSchema;
  readonly resolveAfter: (schema: JsonSchema) => JsonSchema;
}
