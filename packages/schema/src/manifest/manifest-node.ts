import type { Position } from "@tenon/core";

/** A value of a manifest with the place where it is written. Numbers are JSON text, as they may be large. */
export type ManifestNode = {
  readonly at: Position;
} & (
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: string }
  | { readonly kind: "null" }
  | { readonly kind: "list"; readonly items: readonly ManifestNode[] }
  | {
      readonly kind: "map";
      readonly entries: ReadonlyMap<string, ManifestNode>;
      /** Where the keys are written; those that a `<<` key brought in are left out. */
      readonly keysAt?: ReadonlyMap<string, Position>;
    }
);

/** A map of a manifest. */
export type ManifestMap = Extract<ManifestNode, { kind: "map" }>;

/** A step into a manifest: a key or an index. */
export type Step = string | number;

/** The value that a path leads to. */
export function nodeAt(
  node: ManifestNode | undefined,
  ...path: readonly Step[]
): ManifestNode | undefined {
  return path.reduce<ManifestNode | undefined>((found, step) => {
    if (found?.kind === "map") return found.entries.get(String(step));
    if (found?.kind === "list") return found.items[Number(step)];
    return undefined;
  }, node);
}

/** The text that a path leads to. */
export function textAt(
  node: ManifestNode | undefined,
  ...path: readonly Step[]
): string | undefined {
  const found = nodeAt(node, ...path);
  return found?.kind === "text" ? found.value : undefined;
}

/** The elements of the list that a path leads to; none where there is no list. */
export function itemsAt(
  node: ManifestNode | undefined,
  ...path: readonly Step[]
): readonly ManifestNode[] {
  const found = nodeAt(node, ...path);
  return found?.kind === "list" ? found.items : [];
}

/** The entries of the map that a path leads to; none where there is no map. */
export function entriesAt(
  node: ManifestNode | undefined,
  ...path: readonly Step[]
): readonly (readonly [string, ManifestNode])[] {
  const found = nodeAt(node, ...path);
  return found?.kind === "map" ? [...found.entries] : [];
}

/** The JSON text of a value. */
export function jsonOf(node: ManifestNode): string {
  switch (node.kind) {
    case "null":
      return "null";
    case "number":
      return node.value;
    case "text":
    case "boolean":
      return JSON.stringify(node.value);
    case "list":
      return `[${node.items.map(jsonOf).join(",")}]`;
    case "map": {
      const members = [...node.entries].map(
        ([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`,
      );
      return `{${members.join(",")}}`;
    }
  }
}
