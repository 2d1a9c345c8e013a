import type {
  SchemaFiles,
  ValueType,
} from "../../../packages/schema/src/kubernetes/schema-files.ts";

type Path = readonly (string | number)[];

/** Finds fields by the type that they belong to. */
export interface TypedFields {
  /** TYPE.FIELD of a place in an object. */
  nameOf(apiVersion: string, kind: string, path: Path): string;
  /** Every required field and every enum that the checks can report. */
  readonly constrained: ReadonlySet<string>;
}

/** Reads all generated files. */
export async function readTypedFields(files: SchemaFiles): Promise<TypedFields> {
  const { served } = await files.index();
  const kinds = Object.values(served).flatMap((group) => Object.values(group));
  const [types] = await Promise.all(kinds.map(({ type }) => files.typesOf(type)));
  const constrained = new Set<string>();
  const visited = new Set<string>();

  function visit(type: ValueType): void {
    if (typeof type === "string" || "enum" in type) return;
    if ("items" in type) visit(type.items);
    else if ("values" in type) visit(type.values);
    else visitObject(type.ref, []);
  }

  function visitObject(name: string, skipped: readonly string[]): void {
    if (visited.has(name)) return;
    visited.add(name);
    const { fields, required = [] } = types!.get(name)!;
    for (const field of required) constrained.add(`${name}.${field}`);
    for (const [field, type] of Object.entries(fields)) {
      if (isEnum(type)) constrained.add(`${name}.${field}`);
      if (!skipped.includes(field)) visit(type);
    }
  }

  for (const { type } of kinds) visitObject(type, ["status"]);
  return {
    constrained,
    nameOf(apiVersion, kind, path) {
      let type: ValueType = { ref: served[apiVersion]![kind]!.type };
      let name = "";
      for (const key of path) {
        if (typeof type === "string" || "enum" in type) break;
        if ("items" in type) type = type.items;
        else if ("values" in type) type = type.values;
        else {
          name = `${type.ref}.${key}`;
          type = types!.get(type.ref)!.fields[key] ?? "any";
        }
      }
      return name;
    },
  };
}

function isEnum(type: ValueType): boolean {
  if (typeof type === "string") return false;
  return "enum" in type || ("items" in type && isEnum(type.items));
}
