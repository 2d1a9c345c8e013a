import { type TypeSchema, typescriptType } from "@tenon/schema";

/**
 * The TypeScript type of the values of a module.
 *
 * @param json the JSON Schema of the module
 * @param indent what the lines after the first start with
 */
export function valuesType(json: string, indent = ""): string {
  const { properties = {} } = JSON.parse(json) as TypeSchema;
  return typescriptType(properties["values"] ?? {}, indent);
}
