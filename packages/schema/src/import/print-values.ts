import { label } from "./cue-text.ts";
import type { Draft, ValueTree } from "./draft.ts";

/** `images.cue`: the default images. */
export function printImages({ images }: Draft): string {
  const tree: Tree = new Map();
  for (const { path, repository, tag, digest } of images) {
    // A digest is in values.cue: two defaults of the schema would be one too many.
    const fields = { repository, tag, ...(digest === "" && { digest }) };
    for (const [key, value] of Object.entries(fields)) {
      set(tree, [...path, key], `*${JSON.stringify(value)} | string`);
    }
  }
  return `// The container images of the module. They are listed in its artifact, and kept apart
// from values.cue so that a bot can update them.

package main

values: ${printTree(tree, "")}
`;
}

/** `values.cue`: what differs from the defaults of the authoring library. */
export function printValues(draft: Draft): string {
  return `// The module's own values, which users' values are merged into. This file is read on
// its own: it cannot import anything, and all values have to be concrete.

@if(!debug)

package main

values: ${printTree(imageValues(draft), "")}
`;
}

/** `debug_values.cue`: stand-ins for what users have to set. */
export function printDebugValues(draft: Draft): string {
  const tree = imageValues(draft);
  standIns(tree, draft.secrets);
  return `// Values for trying things out, used in place of values.cue by \`tenon mod vet --debug\`.
// They are not part of the artifact.

@if(debug)

package main

values: ${printTree(tree, "")}
`;
}

/** CUE texts by name. */
type Tree = Map<string, string | Tree>;

/** What differs from the defaults of `core.#Image`. */
function imageValues({ images }: Draft): Tree {
  const tree: Tree = new Map();
  for (const { path, digest, pullPolicy } of images) {
    if (digest !== "") set(tree, [...path, "digest"], JSON.stringify(digest));
    if (pullPolicy !== "IfNotPresent") {
      set(tree, [...path, "pullPolicy"], JSON.stringify(pullPolicy));
    }
  }
  return tree;
}

// It is base64 too, for the values that are.
const standIn = '"debugged"';

function standIns(tree: Tree, secrets: ValueTree): void {
  for (const [key, value] of Object.entries(secrets)) {
    if (typeof value === "string") set(tree, [key], standIn);
    else standIns(groupIn(tree, key), value);
  }
}

function set(tree: Tree, path: readonly string[], text: string): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) tree.set(key, text);
  else set(groupIn(tree, key), rest, text);
}

function groupIn(tree: Tree, key: string): Tree {
  const known = tree.get(key);
  if (typeof known === "object") return known;
  const made: Tree = new Map();
  tree.set(key, made);
  return made;
}

function printTree(tree: Tree, indent: string): string {
  if (tree.size === 0) return "{}";
  const fields = [...tree].map(([key, value]) => {
    const text = typeof value === "string" ? value : printTree(value, `${indent}\t`);
    return `${indent}\t${label(key, "config")}: ${text}`;
  });
  return `{\n${fields.join("\n")}\n${indent}}`;
}
