import type { Cel } from "../custom/cel.ts";

/** An object whose types have not been checked: rules look at a value only where it has the right one. */
export type Fields = Readonly<Record<string, unknown>>;

/** Keys and list positions. */
export type Path = readonly (string | number)[];

/** What a text or a number must look like. */
export interface Format {
  /** As in "expected a port from 1 to 65535, got 0". */
  readonly expected: string;
  /** An empty text is a value too, not the same as none. */
  readonly empty?: boolean;
  readonly fits: (value: string | number) => boolean;
}

/** Takes what a rule finds, at paths from the object that the rule looks at. */
export interface Findings {
  problem(path: Path, message: string): void;
  /** Another value was expected. */
  expected(path: Path, expected: string, value: unknown): void;
}

/** What a rule may need besides the object that it looks at. */
export interface Surroundings {
  /** The objects around it, the root first. */
  readonly parents: readonly Fields[];
  /** Reads CEL; without it expressions are taken as they are. */
  readonly cel?: Cel | undefined;
}

/** Looks at one object of a type. */
export type Rule = (value: Fields, found: Findings, around: Surroundings) => void;

/** What the API server asks of the objects of a type, beyond the types of their fields. */
export interface TypeRules {
  /** Fields that must be there and neither zero nor empty. */
  readonly filled?: readonly string[];
  /** Formats of fields, and of the elements of lists. */
  readonly formats?: Readonly<Record<string, Format>>;
  /** Fields that cannot be together. */
  readonly oneOf?: { readonly fields: readonly string[]; readonly required: boolean };
  /** Fields in which the API server does not look. */
  readonly unchecked?: readonly string[];
  readonly check?: Rule;
}

/** Rules by the name of a type. */
export type RuleTable = Readonly<Record<string, TypeRules>>;

export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object itself has under a name, nothing of what every JavaScript object has. */
export function ownOf<T>(fields: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** A field with a value: the API server reads null as none. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** No value, or the one that Go has for none. */
export function isEmpty(value: unknown): boolean {
  if (!isSet(value) || value === "" || value === 0 || value === false) return true;
  return Array.isArray(value) && value.length === 0;
}

/** The text of a field, empty when there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list, with their positions. */
export function recordsOf(value: unknown): [number, Fields][] {
  return [...listOf(value).entries()].filter((entry): entry is [number, Fields] =>
    isRecord(entry[1]),
  );
}

/** Reports elements of a list that have the same identity as an earlier one. */
export function reportRepeated(
  found: Findings,
  list: unknown,
  path: Path,
  identityOf: (element: Fields) => string,
): void {
  const seen = new Map<string, number>();
  for (const [index, element] of recordsOf(list)) {
    const identity = identityOf(element);
    if (identity === "") continue;
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, index);
    else found.problem([...path, index], `duplicate of element ${first}: ${identity}`);
  }
}
