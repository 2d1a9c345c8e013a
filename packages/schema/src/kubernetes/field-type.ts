import { itemsOf, listKeysOf, memberOf, propertyOf } from "./custom/structural-schema.ts";
import type { StructuralSchema } from "./custom/structural-schema.ts";
import { isRecord, ownOf } from "./rules/rule.ts";
import type { ObjectTypes, ValueType } from "./schema-files.ts";

/** What a schema says of a value, as far as merging needs it. */
export interface FieldType {
  /** The type of a field of an object. */
  field(name: string): FieldType | undefined;
  /** The type of the elements of a list. */
  items(): FieldType | undefined;
  /** Fields that tell the elements of a list apart, with the value that stands for an absent one. */
  keys(): Readonly<Record<string, unknown>> | undefined;
}

/** A type of the generated Kubernetes schemas. */
export function kubernetesType(types: ObjectTypes, type: ValueType | undefined): FieldType {
  const of = (next: ValueType | undefined): FieldType | undefined =>
    next === undefined ? undefined : kubernetesType(types, next);
  const shape = typeof type === "object" ? type : undefined;
  return {
    field(name) {
      if (shape === undefined) return undefined;
      if ("ref" in shape) return of(ownOf(types.get(shape.ref)?.fields ?? {}, name));
      return "values" in shape ? of(shape.values) : undefined;
    },
    items: () => (shape !== undefined && "items" in shape ? of(shape.items) : undefined),
    keys: () => (shape !== undefined && "items" in shape ? shape.keys : undefined),
  };
}

/** A schema of a CustomResourceDefinition. */
export function structuralType(schema: StructuralSchema): FieldType {
  const of = (next: unknown): FieldType | undefined =>
    isRecord(next) ? structuralType(next) : undefined;
  return {
    field: (name) => of(memberOf(schema, name)),
    items: () => of(itemsOf(schema)),
    keys() {
      const keys = listKeysOf(schema);
      const items = itemsOf(schema) ?? {};
      return (
        keys && Object.fromEntries(keys.map((key) => [key, propertyOf(items, key)?.["default"]]))
      );
    },
  };
}
