// Edits of JSON text that leave every other byte as it is: JavaScript's own parser and printer
// would round large integers and reorder numeric keys.

/** A member of an object, or an element of an array. */
interface Span {
  readonly key: string | number;
  /** Offsets of the whole, without commas. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

interface Member extends Span {
  readonly key: string;
}

interface ObjectSpan {
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[];
}

// A text, a sign, or a word.
const jsonToken = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * Sets the member at `path` to a JSON text, adding the objects on the way.
 *
 * @param json text of a JSON object
 * @param path keys from the root, at least one
 * @param value JSON text of the new value
 */
export function setMember(json: string, path: readonly string[], value: string): string {
  return edit(json, skipSpace(json, 0), path, value);
}

/** Removes the member at `path`; a text without it comes back unchanged. */
export function deleteMember(json: string, path: readonly string[]): string {
  return edit(json, skipSpace(json, 0), path, undefined);
}

/** The JSON texts of the elements of the array at `path`, or nothing when no array is there. */
export function arrayElements(
  json: string,
  path: readonly string[],
): readonly string[] | undefined {
  const at = valueAt(json, path);
  if (at === undefined || json[at] !== "[") return undefined;
  return elementSpans(json, at).map(({ start, end }) => json.slice(start, end));
}

/**
 * The members of the object at `path` in their order, each with its JSON text, or nothing when no
 * object is there. JavaScript's parser would move keys like "10" to the front.
 */
export function objectMembers(
  json: string,
  path: readonly string[],
): readonly (readonly [key: string, text: string])[] | undefined {
  const at = valueAt(json, path);
  if (at === undefined || json[at] !== "{") return undefined;
  const { members } = scanObject(json, at);
  return members.map(({ key, valueStart, end }) => [key, json.slice(valueStart, end)]);
}

/**
 * The keys and indexes that lead to the innermost value around an offset of a JSON text.
 *
 * @param offset zero-based, in UTF-16 units
 */
export function pathAt(json: string, offset: number): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let at = skipSpace(json, 0);
  for (;;) {
    const spans: readonly Span[] =
      json[at] === "{" ? scanObject(json, at).members : elementSpans(json, at);
    const inner = spans.find(({ start, end }) => start <= offset && offset < end);
    if (inner === undefined) return path;
    path.push(inner.key);
    at = inner.valueStart;
  }
}

/**
 * The keys and indexes that lead to the innermost value at a column of a JSON text of one line.
 *
 * @param column from 1, in bytes, as positions have it
 */
export function pathAtColumn(json: Uint8Array, column: number): readonly (string | number)[] {
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  return pathAt(text.toString("utf8"), text.toString("utf8", 0, column - 1).length);
}

/**
 * The text as `JSON.stringify` writes it with an indent of two spaces: numbers keep their digits and
 * members their order.
 */
export function indentJson(json: string): string {
  const parts: string[] = [];
  let depth = 0;
  let previous = "";
  for (const [token] of json.matchAll(jsonToken)) {
    const opened = previous === "{" || previous === "[";
    const closes = token === "}" || token === "]";
    if (opened && !closes) depth += 1;
    if (!opened && closes) depth -= 1;
    if (opened !== closes || previous === ",") parts.push("\n", "  ".repeat(depth));
    parts.push(token === ":" ? ": " : token);
    previous = token;
  }
  return parts.join("");
}

function elementSpans(json: string, start: number): readonly Span[] {
  if (json[start] !== "[") return [];
  const spans: Span[] = [];
  let at = skipSpace(json, start + 1);
  while (at < json.length && json[at] !== "]") {
    const end = skipValue(json, at);
    spans.push({ key: spans.length, start: at, valueStart: at, end });
    at = skipSpace(json, end);
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  return spans;
}

function edit(
  json: string,
  at: number,
  path: readonly string[],
  value: string | undefined,
): string {
  const [key, ...rest] = path;
  if (key === undefined) throw new TypeError("Expected `path` to have at least one key");
  const object = scanObject(json, at);
  const index = object.members.findIndex((member) => member.key === key);
  const member = object.members[index];
  if (member === undefined) {
    return value === undefined ? json : addMember(json, object, key, nest(rest, value));
  }
  if (rest.length > 0 && json[member.valueStart] === "{") {
    return edit(json, member.valueStart, rest, value);
  }
  if (value !== undefined) {
    return json.slice(0, member.valueStart) + nest(rest, value) + json.slice(member.end);
  }
  return rest.length > 0 ? json : removeMember(json, object, index);
}

function valueAt(json: string, path: readonly string[]): number | undefined {
  let at = skipSpace(json, 0);
  for (const key of path) {
    if (json[at] !== "{") return undefined;
    const member = scanObject(json, at).members.find((candidate) => candidate.key === key);
    if (member === undefined) return undefined;
    at = member.valueStart;
  }
  return at;
}

function nest(path: readonly string[], value: string): string {
  return path.reduceRight((inner, key) => `{${JSON.stringify(key)}:${inner}}`, value);
}

function addMember(json: string, object: ObjectSpan, key: string, value: string): string {
  const comma = object.members.length > 0 ? "," : "";
  const at = object.members.at(-1)?.end ?? object.start + 1;
  return `${json.slice(0, at)}${comma}${JSON.stringify(key)}:${value}${json.slice(at)}`;
}

function removeMember(json: string, object: ObjectSpan, index: number): string {
  const member = object.members[index]!;
  const next = object.members[index + 1];
  if (next !== undefined) return json.slice(0, member.start) + json.slice(next.start);
  const previous = object.members[index - 1];
  return json.slice(0, previous?.end ?? object.start + 1) + json.slice(member.end);
}

function scanObject(json: string, start: number): ObjectSpan {
  if (json[start] !== "{") throw new TypeError("Expected the text of a JSON object");
  const members: Member[] = [];
  let at = skipSpace(json, start + 1);
  while (json[at] === '"') {
    const keyEnd = skipString(json, at);
    const valueStart = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = skipValue(json, valueStart);
    members.push({ key: JSON.parse(json.slice(at, keyEnd)) as string, start: at, valueStart, end });
    at = skipSpace(json, end);
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  return { start, end: at + 1, members };
}

function skipValue(json: string, start: number): number {
  const first = json[start];
  if (first === '"') return skipString(json, start);
  if (first !== "{" && first !== "[") {
    let at = start;
    while (at < json.length && !/[,\]}\s]/.test(json[at]!)) at++;
    return at;
  }
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = skipString(json, at) - 1;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1;
  }
  throw new SyntaxError("Unexpected end of JSON text");
}

function skipString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === "\\") at++;
    else if (json[at] === '"') return at + 1;
  }
  throw new SyntaxError("Unexpected end of JSON text");
}

function skipSpace(json: string, start: number): number {
  let at = start;
  while (json[at] === " " || json[at] === "\n" || json[at] === "\t" || json[at] === "\r") at++;
  return at;
}
