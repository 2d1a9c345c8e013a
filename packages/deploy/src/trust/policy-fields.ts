import { type Diagnostic, type Position, suggest } from "@tenon/core";
import type { ManifestNode } from "@tenon/schema";

/** Collects what is wrong with a policy, so that all of it is told at once. */
export class PolicyProblems {
  readonly found: Diagnostic[];

  constructor(syntax: readonly Diagnostic[]) {
    this.found = [...syntax];
  }

  add(
    at: Position,
    text: string,
    { also, notes = [] }: { readonly also?: Position; readonly notes?: readonly string[] } = {},
  ): void {
    this.found.push({ text, positions: also === undefined ? [at] : [at, also], notes });
  }
}

/** What the reading of a policy needs at each step. */
export interface PolicyReading {
  readonly problems: PolicyProblems;
  /** Reads a file that the policy names; paths start where the policy is. */
  readonly readRelated: (name: string) => Promise<string>;
}

/** The fields of a map, each of which must be one of `known`. */
export function fieldsOf<Name extends string>(
  node: ManifestNode,
  known: readonly Name[],
  problems: PolicyProblems,
  what: string,
): Partial<Record<Name, ManifestNode>> {
  if (node.kind !== "map") {
    problems.add(node.at, `${what} has to be a map`);
    return {};
  }
  for (const key of node.entries.keys()) {
    if ((known as readonly string[]).includes(key)) continue;
    const near = suggest(key, known);
    problems.add(node.keysAt?.get(key) ?? node.at, `${what} has no field ${JSON.stringify(key)}`, {
      notes: near === undefined ? [`it has ${known.join(", ")}`] : [`did you mean "${near}"?`],
    });
  }
  return Object.fromEntries(node.entries) as Partial<Record<Name, ManifestNode>>;
}

/** The items of a list. */
export function itemsOf(
  node: ManifestNode,
  problems: PolicyProblems,
  name: string,
): readonly ManifestNode[] {
  if (node.kind === "list") return node.items;
  problems.add(node.at, `${name} has to be a list`);
  return [];
}

/** A text that is not empty. */
export function textOf(node: ManifestNode, problems: PolicyProblems): string | undefined {
  if (node.kind === "text" && node.value !== "") return node.value;
  problems.add(node.at, "it has to be a text");
  return undefined;
}
