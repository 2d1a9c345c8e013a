import { ownOf } from "../kubernetes/rules/rule.ts";

/** A JSON Schema as `moduleSchema` writes it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $comment?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly prefixItems?: readonly JsonSchema[];
  readonly items?: JsonSchema | false;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly propertyNames?: JsonSchema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly not?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** What a schema can be: single values, and shapes that have one type each, or none for any value. */
export interface Alternatives {
  readonly constants: readonly unknown[];
  readonly shapes: readonly JsonSchema[];
}

/** Takes a schema apart. References are resolved by `resolve`. */
export function alternativesOf(
  schema: JsonSchema,
  resolve: (schema: JsonSchema) => JsonSchema,
): Alternatives {
  const target = resolve(schema);
  if ("const" in target) return { constants: [target.const], shapes: [] };
  if (target.enum !== undefined) return { constants: target.enum, shapes: [] };
  if (target.anyOf !== undefined) {
    const parts = target.anyOf.map((part) => alternativesOf(part, resolve));
    return {
      constants: parts.flatMap(({ constants }) => constants),
      shapes: parts.flatMap(({ shapes }) => shapes),
    };
  }
  const { type } = target;
  const shapes = Array.isArray(type)
    ? type.map((one: string) => ({ ...target, type: one }))
    : [target];
  return { constants: [], shapes };
}

/** Finds what `#/$defs/NAME` stands for in a schema. */
export function resolverOf(root: JsonSchema): (schema: JsonSchema) => JsonSchema {
  const resolve = (schema: JsonSchema): JsonSchema => {
    const name = schema.$ref?.replace("#/$defs/", "");
    const target = name === undefined ? undefined : root.$defs?.[name];
    return target === undefined ? schema : resolve(target);
  };
  return resolve;
}

/** The schema of a field that is declared. */
export function fieldOf({ properties }: JsonSchema, name: string): JsonSchema | undefined {
  return properties && ownOf(properties, name);
}

/** The reasons in a `$comment` of a schema. */
export function reasonsOf({ $comment }: JsonSchema): readonly string[] {
  return $comment === undefined ? [] : $comment.split("; ");
}

/** What a schema accepts, in the notation of CUE and as short as a message needs it. */
export function typeText(schema: JsonSchema, resolve: (schema: JsonSchema) => JsonSchema): string {
  const { constants, shapes } = alternativesOf(schema, resolve);
  const texts = [
    ...constants.map((value) => JSON.stringify(value)),
    ...shapes.map((shape) => shapeText(shape, resolve)),
  ];
  return [...new Set(texts)].join(" | ");
}

const typeNames: Readonly<Record<string, string>> = {
  boolean: "bool",
  integer: "int",
  object: "{...}",
};

function shapeText(shape: JsonSchema, resolve: (schema: JsonSchema) => JsonSchema): string {
  const { type, items } = shape;
  if (typeof type !== "string") return "_";
  if (type !== "array") return typeNames[type] ?? type;
  if (items === undefined || items === false) return "[...]";
  const inner = typeText(items, resolve);
  return inner.includes("[") || inner.includes("{") ? "[...]" : `[...${inner}]`;
}
