// Edits of JSON text that leave every other byte as it is: JavaScript's own parser and printer
// would round large integers and reorder numeric keys.

interface Member {
  readonly key: string;
  /** Offsets of the whole member, without commas. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

interface ObjectSpan {
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[];
}

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
  let at = skipSpace(json, 0);
  for (const key of path) {
    if (json[at] !== "{") return undefined;
    const member = scanObject(json, at).members.find((candidate) => candidate.key === key);
    if (member === undefined) return undefined;
    at = member.valueStart;
  }
  return json[at] === "[" ? scanArray(json, at) : undefined;
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

function scanArray(json: string, start: number): string[] {
  const elements: string[] = [];
  let at = skipSpace(json, start + 1);
  while (at < json.length && json[at] !== "]") {
    const end = skipValue(json, at);
    elements.push(json.slice(at, end));
    at = skipSpace(json, end);
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  return elements;
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
