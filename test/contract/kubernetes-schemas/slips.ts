import type { Manifest } from "./api-server.ts";

/** A copy of a valid object with one slip, which may or may not make it invalid. */
export interface Slip {
  readonly title: string;
  readonly object: Manifest;
}

type Path = readonly (string | number)[];
type Fields = Record<string, unknown>;

/** Draws a number from 0 up to a limit, which is excluded. */
export type Draw = (limit: number) => number;

/** Draws the same numbers for the same seed: a linear congruential generator of 32 bits. */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/**
 * Makes slips without end, as many in one kind as in another: at a random place of a random object
 * of the kind, one of those that fit what is there.
 */
export function* slipsOf(objects: readonly Manifest[], draw: Draw): Generator<Slip> {
  const kinds = byKind(objects);
  const donors = donorsOf(objects);
  for (;;) {
    for (const ofKind of kinds.values()) {
      const object = oneOf(draw, ofKind);
      const [path, value] = oneOf(draw, [...placesOf(object, [])]);
      const [what, change] = oneOf(draw, changesOf({ object, path, value, donors, draw }));
      const changed = structuredClone(object);
      changeAt(changed, path, change);
      if (!isAddressable(changed)) continue;
      const title = `${object.kind} ${object.metadata.name}: ${path.join(".")} ${what}`;
      yield { title, object: changed };
    }
  }
}

/** What has no kind or name cannot be sent. */
function isAddressable({ apiVersion, kind, metadata }: Manifest): boolean {
  return [apiVersion, kind, metadata?.name].every(
    (text) => typeof text === "string" && text !== "",
  );
}

function byKind(objects: readonly Manifest[]): Map<string, Manifest[]> {
  const kinds = new Map<string, Manifest[]>();
  for (const object of objects) {
    const name = `${object.apiVersion} ${object.kind}`;
    kinds.set(name, [...(kinds.get(name) ?? []), object]);
  }
  return kinds;
}

type Change = (parent: Fields, key: string) => void;

interface Place {
  readonly object: Manifest;
  readonly path: Path;
  readonly value: unknown;
  readonly donors: ReadonlyMap<string, readonly Fields[]>;
  readonly draw: Draw;
}

function changesOf(place: Place): [string, Change][] {
  const { path, value } = place;
  const key = String(path.at(-1));
  const changes: [string, Change][] = replacementsOf(place).map(([what, replacement]) => [
    what,
    (parent) => (parent[key] = replacement),
  ]);
  const inList = typeof path.at(-1) === "number";
  changes.push(["left out", (parent) => removeFrom(parent, key)]);
  // Of metadata null is refused, as it always was, where the API server reads it as none.
  if (path[0] !== "metadata") changes.push(["null", (parent) => (parent[key] = null)]);
  if (!inList) {
    changes.push(["misspelt", (parent) => rename(parent, key, misspelt(key))]);
    changes.push(["in another case", (parent) => rename(parent, key, otherCase(key))]);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const donor = oneOf(place.draw, place.donors.get(nameOf(path)) ?? [{}]);
    changes.push(["with a field too many", (parent) => Object.assign(parent[key]!, { extra: 1 })]);
    changes.push([
      "with the fields of another",
      (parent) => (parent[key] = { ...donor, ...(parent[key] as Fields) }),
    ]);
    changes.push([
      "overlaid by another",
      (parent) => (parent[key] = { ...(parent[key] as Fields), ...donor }),
    ]);
  }
  return changes;
}

function replacementsOf({ object, value, draw }: Place): [string, unknown][] {
  if (Array.isArray(value)) {
    const list = value as unknown[];
    return [
      ["with an element twice", [...list, ...list.slice(0, 1)]],
      ["without its first element", list.slice(1)],
      ["empty", []],
      ["with an empty element", [...list, typeof list[0] === "object" ? {} : ""]],
      ["an object", {}],
      ["only its first element", list[0] ?? 1],
    ];
  }
  if (typeof value === "object" && value !== null) {
    return [
      ["empty", {}],
      ["in a list", [value]],
      ["a string", "text"],
    ];
  }
  if (typeof value === "number") return numbersFor(value);
  if (typeof value === "boolean") {
    return [
      ["the opposite", !value],
      ["a string", String(value)],
      ["a number", Number(value)],
    ];
  }
  const texts = [...placesOf(object, [])].flatMap(([, found]) =>
    typeof found === "string" ? [found] : [],
  );
  return [...textsFor(String(value)), ["another text of the object", oneOf(draw, texts)]];
}

function numbersFor(value: number): [string, unknown][] {
  return [
    ["negative", -value - 1],
    ["zero", 0],
    ["one more", value + 1],
    ["a hundred times as much", value * 100],
    ["70000", 70_000],
    ["33 bits", 2 ** 32],
    ["a fraction", value + 0.5],
    ["a string", String(value)],
    ["a word", "many"],
  ];
}

function textsFor(value: string): [string, unknown][] {
  return [
    ["empty", ""],
    ["in upper case", value.toUpperCase()],
    ["misspelt", misspelt(value)],
    ["with a space", `${value} a`],
    ["with an underscore", `${value}_`],
    ["with a dash in front", `-${value}`],
    ["with a slash", `${value}/a`],
    ["with a dot", `${value}.`],
    ["twice", value + value],
    ["with a digit", `${value}9`],
    ["long", value.padEnd(70, "a")],
    ["very long", value.padEnd(300, "a")],
    ["other", "other"],
    ["a number", 7],
    ["true", true],
    ["an object", { a: "b" }],
    ["in a list", [value]],
  ];
}

/** All objects at fields of the same name, wherever they stand. */
function donorsOf(objects: readonly Manifest[]): Map<string, Fields[]> {
  const found = new Map<string, Fields[]>();
  for (const object of objects) {
    for (const [path, value] of placesOf(object, [])) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
      const name = nameOf(path);
      found.set(name, [...(found.get(name) ?? []), value as Fields]);
    }
  }
  return found;
}

function nameOf(path: Path): string {
  return String(path.findLast((key) => typeof key === "string"));
}

function* placesOf(value: unknown, path: Path): Generator<[Path, unknown]> {
  if (path[0] === "status") return;
  if (path.length > 0 && path.join(".") !== "metadata") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, member] of members) yield* placesOf(member, [...path, key]);
}

function changeAt(object: Manifest, path: Path, change: Change): void {
  let parent = object as unknown as Fields;
  for (const key of path.slice(0, -1)) parent = parent[key] as Fields;
  change(parent, String(path.at(-1)));
}

function removeFrom(parent: Fields, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function rename(parent: Fields, from: string, to: string): void {
  parent[to] = parent[from];
  if (from !== to) delete parent[from];
}

function misspelt(word: string): string {
  const middle = Math.floor(word.length / 2);
  return word.slice(0, middle) + word.slice(middle + 1);
}

function otherCase(word: string): string {
  const first = word.charAt(0);
  const swapped = first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase();
  return swapped + word.slice(1);
}

function oneOf<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[draw(items.length)]!;
}
