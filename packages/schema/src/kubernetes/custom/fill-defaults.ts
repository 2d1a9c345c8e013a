import { isRecord } from "../rules/rule.ts";
import { type StructuralSchema, itemsOf, propertiesOf, valuesOf } from "./structural-schema.ts";

/** A copy of a value with the defaults of its schema, as the API server fills them in before it validates. */
export function fillDefaults(value: unknown, schema: StructuralSchema): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return value.map((element: unknown) =>
      items === undefined ? element : fillDefaults(element, items),
    );
  }
  if (!isRecord(value)) return value;
  const properties = propertiesOf(schema);
  const values = valuesOf(schema);
  const filled: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const inner = properties[name] ?? values;
    filled[name] = isRecord(inner) ? fillDefaults(member, inner) : member;
  }
  for (const [name, property] of Object.entries(properties)) {
    if (!isRecord(property) || property["default"] === undefined) continue;
    const isGone =
      value[name] === undefined || (value[name] === null && property["nullable"] !== true);
    if (isGone) filled[name] = fillDefaults(structuredClone(property["default"]), property);
  }
  return filled;
}
