import { isRecord, ownOf } from "../rules/rule.ts";
import { type StructuralSchema, itemsOf, memberOf, propertiesOf } from "./structural-schema.ts";

/** A copy of a value with the defaults of its schema, as the API server fills them in before it validates. */
export function fillDefaults(value: unknown, schema: StructuralSchema): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return value.map((element: unknown) =>
      items === undefined ? element : fillDefaults(element, items),
    );
  }
  if (!isRecord(value)) return value;
  const filled: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const inner = memberOf(schema, name);
    filled[name] = isRecord(inner) ? fillDefaults(member, inner) : member;
  }
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    if (!isRecord(property) || property["default"] === undefined) continue;
    const member = ownOf(value, name);
    const isGone = member === undefined || (member === null && property["nullable"] !== true);
    if (isGone) filled[name] = fillDefaults(structuredClone(property["default"]), property);
  }
  return filled;
}
