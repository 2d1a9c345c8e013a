import type { Manifest } from "./api-server.ts";

/** A changed copy of a valid object. */
export interface Mutation {
  readonly title: string;
  readonly object: Manifest;
}

type Path = readonly (string | number)[];

/** Makes every slip at every place of an object: fields left out or misspelt, values of another type. */
export function* mutationsOf(object: Manifest): Generator<Mutation> {
  for (const [path, value] of placesOf(object, [])) {
    for (const [what, changed] of replacementsOf(value)) {
      yield { title: titleOf(object, path, what), object: changeAt(object, path, () => changed) };
    }
    const removed = changeAt(object, path, () => undefined);
    if (isNamed(removed)) yield { title: titleOf(object, path, "left out"), object: removed };
  }
}

function* placesOf(value: unknown, path: Path): Generator<[Path, unknown]> {
  if (path.length > 0 && !isIdentity(path)) yield [path, value];
  if (typeof value !== "object" || value === null) return;
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, member] of members) yield* placesOf(member, [...path, key]);
}

// What says where a request goes cannot change without the request going elsewhere.
function isIdentity(path: Path): boolean {
  return ["apiVersion", "kind", "metadata", "metadata.name"].includes(path.join("."));
}

function isNamed(object: Manifest): boolean {
  return typeof object.metadata?.name === "string";
}

function replacementsOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) {
    return [
      ["repeated", value.length > 0 ? [...(value as unknown[]), value[0]] : [1]],
      ["with null", [...(value as unknown[]), null]],
      ["an object", {}],
      ["a string", "text"],
      ["empty", []],
      ["null", null],
    ];
  }
  if (typeof value === "object" && value !== null) {
    return [
      ["with an unknown field", { ...value, tenonUnknown: 1 }],
      ["with a list inside", { ...value, tenonUnknown: [1] }],
      ["a list", []],
      ["a string", "text"],
      ["empty", {}],
      ["null", null],
    ];
  }
  return [
    ["some text", "Some-Text"],
    ["empty", ""],
    ["a time", "2026-01-31T12:00:00Z"],
    ["a quantity", "1Gi"],
    ["a strange quantity", "Gi"],
    ["base64", "YWJj"],
    ["padded base64", "YQ=="],
    ["zero", 0],
    ["negative", -1],
    ["a number", 3],
    ["a fraction", 1.5],
    ["33 bits", 2 ** 32],
    ["65 bits", 2 ** 64],
    ["true", true],
    ["an object", { a: "b" }],
    ["a list", ["a"]],
    ["null", null],
  ];
}

function changeAt(object: Manifest, path: Path, change: (value: unknown) => unknown): Manifest {
  const copy = structuredClone(object);
  let parent = copy as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as typeof parent;
  const last = path.at(-1)!;
  const changed = change(parent[last]);
  if (changed !== undefined) parent[last] = changed;
  else if (Array.isArray(parent)) parent.splice(last as number, 1);
  else delete parent[last];
  return copy;
}

function titleOf(object: Manifest, path: Path, what: string): string {
  return `${object.kind} ${object.metadata.name}: ${path.join(".")} ${what}`;
}
