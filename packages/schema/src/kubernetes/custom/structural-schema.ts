import { type Fields, isRecord, listOf, ownOf, recordOf } from "../rules/rule.ts";

/**
 * The schema of a custom resource, as it stands in its definition.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export type StructuralSchema = Fields;

/** The schemas of the fields of an object. */
export function propertiesOf(schema: StructuralSchema): Fields {
  return recordOf(schema["properties"]);
}

/** The schema of the elements of a list. */
export function itemsOf(schema: StructuralSchema): StructuralSchema | undefined {
  return isRecord(schema["items"]) ? schema["items"] : undefined;
}

/** The schema of the values of a map; true when it takes any. */
export function valuesOf(schema: StructuralSchema): StructuralSchema | true | undefined {
  const values = schema["additionalProperties"];
  return isRecord(values) || values === true ? values : undefined;
}

/** The schema of one field of an object. */
export function propertyOf(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  const property = ownOf(propertiesOf(schema), name);
  return isRecord(property) ? property : undefined;
}

/** The schema of what an object has under a name, as a field or in a map; true when it takes any. */
export function memberOf(
  schema: StructuralSchema,
  name: string,
): StructuralSchema | true | undefined {
  return propertyOf(schema, name) ?? valuesOf(schema);
}

/** The fields that tell the elements of a list apart; nothing when that is not asked. */
export function listKeysOf(schema: StructuralSchema): readonly string[] | undefined {
  if (schema["x-kubernetes-list-type"] !== "map") return undefined;
  return listOf(schema["x-kubernetes-list-map-keys"]).map(String);
}

/** A rule of a schema. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string | undefined;
  readonly fieldPath?: string | undefined;
}

export function rulesOf(schema: StructuralSchema): ValidationRule[] {
  return listOf(schema["x-kubernetes-validations"]).flatMap((rule) =>
    isRecord(rule) && typeof rule["rule"] === "string" ? [rule as unknown as ValidationRule] : [],
  );
}

/** Where a path of a rule leads, such as `.spec.replicas` or `.spec['a.b']`. */
export function keysOfPath(path: string | undefined): string[] {
  const keys = (path ?? "").matchAll(/\.([A-Za-z_][\w-]*)|\['([^']*)'\]/g);
  return [...keys].map(([, name, quoted]) => name ?? quoted ?? "");
}
