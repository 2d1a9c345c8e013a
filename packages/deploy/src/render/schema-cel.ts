import { type ASTNode, Environment, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import { type Cel, Double, Unordered, foreign } from "@tenon/schema";

const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });

/** CEL as the API server reads it in custom resource definitions and admission policies. */
export const schemaCel: Cel = { problemOf, evaluate };

/**
 * Syntax, operators and names are told for sure. A function may be one of Kubernetes' own that is not
 * known here, so it is taken as it is.
 */
function problemOf(expression: string, variables: readonly string[]): string | undefined {
  try {
    const parsed = environment.parse(expression);
    const { error } = parsed.check();
    if (error !== undefined && error.code === "no_such_overload") return summaryOf(error);
    const unknown = unknownName(parsed.ast, new Set([...variables, ...names]));
    return unknown === undefined ? undefined : `CEL: unknown name "${unknown}"`;
  } catch (error) {
    // Values of named types, such as Object{}, are written in braces that the parser does not know.
    if (!(error instanceof ParseError) || /[A-Za-z]\s*\{/.test(expression)) return undefined;
    return summaryOf(error);
  }
}

function summaryOf({ message }: Error): string {
  return `CEL: ${message.split("\n", 1)[0]}`;
}

/** What the API server finds no key or element for is an error of the rule, which is a refusal. */
const refused: ReadonlySet<unknown> = new Set(["no_such_key", "index_out_of_bounds"]);

function evaluate(rule: string, self: unknown): boolean | undefined {
  try {
    const parsed = environment.parse(rule);
    if (isBeyondJavaScript(rule) || (hasUnordered(self) && comparesLists(parsed.ast))) {
      return undefined;
    }
    const value: unknown = parsed({ self: inCel(self) });
    return typeof value === "boolean" ? value : undefined;
  } catch (error) {
    return error instanceof EvaluationError && refused.has(error.code) ? false : undefined;
  }
}

/** Tells whether a rule has a pattern that means something else in JavaScript than in Go. */
function isBeyondJavaScript(rule: string): boolean {
  return /\b(matches|find|findAll)\(/.test(rule) && /\\[AzQECpPxa]|\[\[:|\(\?P</.test(rule);
}

/** Fails whoever looks at it. */
const opaque = new Proxy({}, { get: refuseLook, getPrototypeOf: refuseLook, ownKeys: refuseLook });

function refuseLook(): never {
  throw new Error("the value of a foreign type cannot be read");
}

/** CEL has integers: those of JSON are numbers that are no fractions and not marked as such. */
function inCel(value: unknown): unknown {
  if (value === foreign) return opaque;
  if (value instanceof Double) return value.value;
  if (value instanceof Unordered) return value.elements.map(inCel);
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(inCel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inCel(inner)]));
}

function hasUnordered(value: unknown): boolean {
  if (value instanceof Unordered) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnordered);
}

/** Tells whether a rule may compare or add up lists, which for unordered ones has a meaning of its own. */
function comparesLists(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(comparesLists);
  if (!isNode(node)) return false;
  if (node.op === "==" || node.op === "!=" || node.op === "+") {
    const [left, right] = node.args;
    if (!isScalar(left) && !isScalar(right)) return true;
  }
  return comparesLists(node.args);
}

const scalarFunctions: ReadonlySet<string> = new Set(
  "size int uint double string bool type sum indexOf startsWith contains lowerAscii".split(" "),
);

function isScalar({ op, args }: ASTNode): boolean {
  if (op === "call" || op === "rcall") return scalarFunctions.has(args[0]);
  return !["id", ".", ".?", "[]", "[?]", "list", "map", "?:", "+"].includes(op);
}

/** Names of types, and of the libraries that functions are in. */
const names = [
  ..."int uint double bool string bytes list map type null_type dyn optional_type".split(" "),
  ..."cel optional sets math strings base64 google net kubernetes".split(" "),
  ..."ip cidr format lists regex jsonpatch semver quantity url".split(" "),
];

/** Functions whose first arguments are names for what the last ones are about. */
const macros: ReadonlySet<string> = new Set([
  ..."all exists exists_one existsOne map filter bind optMap optFlatMap sortBy".split(" "),
  ..."transformList transformMap transformMapEntry".split(" "),
]);

function unknownName(node: unknown, known: ReadonlySet<string>): string | undefined {
  if (Array.isArray(node)) return firstUnknown(node, known);
  if (!isNode(node)) return undefined;
  if (node.op === "id") return known.has(node.args) ? undefined : node.args;
  if (node.op === "value") return undefined;
  if (node.op === "call") return firstUnknown(node.args[1], known);
  if (node.op === "rcall") {
    const [name, receiver, args] = node.args;
    const bound = macros.has(name) ? args.slice(0, -1).flatMap(nameOf) : [];
    return unknownName(receiver, known) ?? firstUnknown(args, new Set([...known, ...bound]));
  }
  // The second part of an access is the name of a field.
  if (node.op === "." || node.op === ".?") return unknownName(node.args[0], known);
  return unknownName(node.args, known);
}

function firstUnknown(nodes: readonly unknown[], known: ReadonlySet<string>): string | undefined {
  for (const node of nodes) {
    const unknown = unknownName(node, known);
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function nameOf(node: ASTNode): string[] {
  return node.op === "id" ? [node.args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
