import type { Expression, ObjectExpression, Program, TSAsExpression } from "oxc-parser";

type Path = readonly (string | number)[];

/**
 * Where the value at a path of the default export is written, as an offset in the text: the property
 * or element of a literal as far as the path leads through literals, constants of the file and
 * `defineBundle()`; from there on, what computes the rest.
 */
export function literalPlace(program: Program, path: Path): number {
  return follow(program, path).place;
}

/** Where the text at a path of the default export is written as a string literal; nothing where it is computed. */
export function stringLiteral(
  program: Program,
  path: Path,
): { readonly start: number; readonly end: number } | undefined {
  const { value } = follow(program, path);
  if (value?.type !== "Literal" || typeof value.value !== "string") return undefined;
  return { start: value.start, end: value.end };
}

/** The innermost place on a path, and the value at its end as far as the path leads to one. */
function follow(program: Program, path: Path): { place: number; value: Expression | undefined } {
  const scope = variablesOf(program);
  const root = exported(program);
  if (root === undefined) return { place: 0, value: undefined };
  let place = root.start;
  let value: Expression | undefined = literalOf(root, scope);
  for (const key of path) {
    const found = value && memberOf(value, key, scope);
    if (found === undefined) return { place, value: undefined };
    place = found.place;
    value = literalOf(found.value, scope);
  }
  return { place, value };
}

type Scope = ReadonlyMap<string, Expression>;

/** What top-level variables begin with. */
function variablesOf({ body }: Program): Scope {
  const declarations = body
    .map((node) => (node.type === "ExportNamedDeclaration" ? node.declaration : node))
    .flatMap((node) => (node?.type === "VariableDeclaration" ? node.declarations : []));
  return new Map(
    declarations.flatMap(({ id, init }): [string, Expression][] =>
      id.type === "Identifier" && init ? [[id.name, init]] : [],
    ),
  );
}

function exported({ body }: Program): Expression | undefined {
  const node = body.find(({ type }) => type === "ExportDefaultDeclaration");
  if (node?.type !== "ExportDefaultDeclaration") return undefined;
  return node.declaration as Expression;
}

/** The literal that an expression stands for, or what computes it. */
function literalOf(node: Expression, scope: Scope): Expression {
  const seen = new Set<Expression>();
  let at = node;
  // Constants may be made of each other.
  for (let next = within(at, scope); next !== undefined && !seen.has(next);) {
    seen.add(next);
    at = next;
    next = within(at, scope);
  }
  return at;
}

/** What an expression has the value of, one step further. */
function within(node: Expression, scope: Scope): Expression | undefined {
  if (node.type === "Identifier") return scope.get(node.name);
  if (node.type === "CallExpression") {
    const [argument] = node.arguments;
    const { callee } = node;
    const known = callee.type === "Identifier" && callee.name === "defineBundle";
    return known && argument?.type !== "SpreadElement" ? argument : undefined;
  }
  const isWrapper = /^(TS(As|Satisfies|NonNull)|Parenthesized)Expression$/.test(node.type);
  return isWrapper ? (node as TSAsExpression).expression : undefined;
}

interface Member {
  readonly place: number;
  readonly value: Expression;
}

function memberOf(node: Expression, key: string | number, scope: Scope): Member | undefined {
  if (node.type === "ObjectExpression") return propertyOf(node, String(key), scope);
  if (node.type !== "ArrayExpression" || typeof key !== "number") return undefined;
  const before = node.elements.slice(0, key + 1);
  const element = before[key];
  if (!element || before.some((item) => item?.type === "SpreadElement")) return undefined;
  return { place: element.start, value: element as Expression };
}

/** The last one wins, as in JavaScript. */
function propertyOf(node: ObjectExpression, key: string, scope: Scope): Member | undefined {
  for (const property of node.properties.toReversed()) {
    if (property.type === "SpreadElement") {
      const spread = literalOf(property.argument, scope);
      const found = spread.type === "ObjectExpression" ? propertyOf(spread, key, scope) : undefined;
      if (found !== undefined) return found;
      continue;
    }
    if (nameOf(property) === key) return { place: property.start, value: property.value };
  }
  return undefined;
}

function nameOf({ key, computed }: { key: object; computed: boolean }): string | undefined {
  const node = key as { type: string; name?: string; value?: unknown };
  if (node.type === "Literal") return String(node.value);
  return computed ? undefined : node.name;
}
