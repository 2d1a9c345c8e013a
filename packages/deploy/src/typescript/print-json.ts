/** Where a value is that no JSON text can hold. */
export class NotJsonError extends Error {
  /** Keys and indexes that lead to it. */
  readonly path: readonly (string | number)[];

  constructor(text: string, path: readonly (string | number)[]) {
    super(text);
    this.path = path;
  }
}

/**
 * The JSON text of a plain value on one line: objects, arrays, strings, booleans, null and finite
 * numbers, with integers of any size. Members that are `undefined` are left out.
 *
 * @throws NotJsonError
 */
export function printJson(value: unknown, path: readonly (string | number)[] = []): string {
  return print(value, path, new Set());
}

function print(
  value: unknown,
  path: readonly (string | number)[],
  around: ReadonlySet<unknown>,
): string {
  if (around.has(value)) throw new NotJsonError("it contains itself", path);
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return JSON.stringify(value);
  }
  if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) {
    return String(value);
  }
  if (Array.isArray(value)) {
    const within = new Set([...around, value]);
    return `[${value.map((item, index) => print(item, [...path, index], within)).join(",")}]`;
  }
  if (isPlain(value)) {
    const within = new Set([...around, value]);
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => `${JSON.stringify(key)}:${print(member, [...path, key], within)}`);
    return `{${members.join(",")}}`;
  }
  throw new NotJsonError(`${nameOf(value)} is no JSON value`, path);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return `an object of ${value.constructor.name}`;
  if (typeof value === "function") return "a function";
  return typeof value === "symbol" ? "a symbol" : String(value);
}
