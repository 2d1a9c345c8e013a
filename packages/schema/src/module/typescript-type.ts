/** A JSON Schema of draft 2020-12, as far as types can say it. */
export interface TypeSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly items?: TypeSchema | boolean;
  readonly prefixItems?: readonly TypeSchema[];
  readonly properties?: Readonly<Record<string, TypeSchema>>;
  readonly additionalProperties?: TypeSchema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly TypeSchema[];
  readonly allOf?: readonly TypeSchema[];
}

/**
 * The TypeScript type of the values that a JSON Schema accepts, with its descriptions and defaults as
 * doc comments. It is never narrower: what a type cannot say, such as bounds, is left out.
 *
 * @param indent what the lines after the first start with
 */
export function typescriptType(schema: TypeSchema, indent = ""): string {
  const parts = [
    ownType(schema, indent),
    union((schema.anyOf ?? []).map((entry) => typescriptType(entry, indent))),
    ...(schema.allOf ?? []).map((entry) => typescriptType(entry, indent)),
  ].filter((part) => part !== undefined && part !== anything);
  const distinct = [...new Set(parts)];
  if (distinct.length === 0) return anything;
  return distinct.length === 1 ? distinct[0]! : distinct.map((part) => `(${part})`).join(" & ");
}

const anything = "unknown";

function ownType(schema: TypeSchema, indent: string): string | undefined {
  // Schemas that refer to themselves are rare, and what they accept is checked when they are built.
  if (schema.$ref !== undefined) return anything;
  if ("const" in schema) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  return types && union(types.map((type) => typeNamed(type, schema, indent)));
}

function typeNamed(type: string, schema: TypeSchema, indent: string): string {
  switch (type) {
    case "integer":
      return "number";
    case "array":
      return arrayType(schema, indent);
    case "object":
      return objectType(schema, indent);
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    default:
      return anything;
  }
}

function arrayType({ items, prefixItems = [] }: TypeSchema, indent: string): string {
  const rest = typeof items === "object" ? typescriptType(items, indent) : anything;
  if (prefixItems.length === 0) return `readonly ${inParentheses(rest)}[]`;
  const first = prefixItems.map((entry) => typescriptType(entry, indent));
  const more = items === false ? [] : [`...${inParentheses(rest)}[]`];
  return `readonly [${[...first, ...more].join(", ")}]`;
}

function objectType(schema: TypeSchema, indent: string): string {
  const { properties = {}, additionalProperties: others, required = [] } = schema;
  const inner = `${indent}  `;
  const members = Object.entries(properties).flatMap(([name, entry]) => {
    const mark = required.includes(name) ? "" : "?";
    return [
      ...docComment(entry).map((line) => inner + line),
      `${inner}readonly ${propertyName(name)}${mark}: ${typescriptType(entry, inner)};`,
    ];
  });
  if (others !== false) {
    // Whatever else there is must allow for the members above, too.
    const known = members.length === 0 && typeof others === "object";
    const type = known ? typescriptType(others, inner) : anything;
    members.push(`${inner}readonly [key: string]: ${type};`);
  }
  return members.length === 0 ? "{}" : `{\n${members.join("\n")}\n${indent}}`;
}

function docComment({ description, default: initial }: TypeSchema): string[] {
  const lines = [
    ...(description === undefined ? [] : description.split("\n")),
    ...(initial === undefined ? [] : [`@default ${JSON.stringify(initial)}`]),
  ].map((line) => line.replaceAll("*/", "*\\/").trimEnd());
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`/** ${lines[0]} */`];
  return ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"];
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function literal(value: unknown): string {
  return typeof value === "object" && value !== null ? anything : JSON.stringify(value);
}

function union(types: readonly string[]): string | undefined {
  const distinct = [...new Set(types)];
  if (distinct.length === 0) return undefined;
  if (distinct.includes(anything)) return anything;
  return distinct.join(" | ");
}

function inParentheses(type: string): string {
  return / [|&] |^readonly /.test(type) ? `(${type})` : type;
}
