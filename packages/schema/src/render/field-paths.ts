/** A step to a field: the name of a field, or the place in a list. */
export type FieldStep = string | number;

/** A value with its place in an object. */
export interface FieldValue {
  readonly value: unknown;
  readonly path: readonly FieldStep[];
}

/** A path to fields; `undefined` stands for all items of a list. */
export type FieldPattern = readonly (FieldStep | undefined)[];

/** Writes a path as `spec.containers[0].image`; names with other characters stand as `["a.b"]`. */
export function fieldPath(path: readonly FieldStep[]): string {
  const parts = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return parts.join("").replace(/^\./, "");
}

/** Reads a path as {@link fieldPath} writes it, with `[*]` for all items; nothing if it is none. */
export function parseFieldPath(text: string): FieldPattern | undefined {
  const step = /\[(?:(\d+)|(\*)|("(?:[^"\\]|\\.)*"))\]|\.?([^.[\]"]+)/y;
  const path: (FieldStep | undefined)[] = [];
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) return undefined;
    const [, index, all, quoted, name] = match;
    if (index !== undefined) path.push(Number(index));
    else if (all !== undefined) path.push(undefined);
    else path.push(quoted === undefined ? name! : unquote(quoted));
  }
  return path.length === 0 ? undefined : path;
}

/** The values that a path leads to, which are none where there is no such field. */
export function* fieldsAt(root: unknown, pattern: FieldPattern): Generator<FieldValue, void, void> {
  yield* follow({ value: root, path: [] }, pattern);
}

/** All values of an object that are neither a struct nor a list. */
export function* walkFields(
  value: unknown,
  path: readonly FieldStep[] = [],
): Generator<FieldValue, void, void> {
  if (typeof value !== "object" || value === null) {
    yield { value, path };
    return;
  }
  const entries: [FieldStep, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  for (const [step, child] of entries) yield* walkFields(child, [...path, step]);
}

function* follow(at: FieldValue, pattern: FieldPattern): Generator<FieldValue, void, void> {
  if (pattern.length === 0) {
    yield at;
    return;
  }
  const [step, ...rest] = pattern;
  const { value, path } = at;
  if (typeof value !== "object" || value === null) return;
  if (step === undefined) {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) {
      yield* follow({ value: item, path: [...path, index] }, rest);
    }
    return;
  }
  if (!Object.hasOwn(value, step)) return;
  const child = (value as Readonly<Record<FieldStep, unknown>>)[step];
  yield* follow({ value: child, path: [...path, step] }, rest);
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
