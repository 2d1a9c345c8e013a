import {
  entriesAt,
  type ManifestMap,
  type ManifestNode,
  nodeAt,
} from "../../manifest/manifest-node.ts";
import { groupAt } from "../config-tree.ts";
import { configRef } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { lift } from "./lift.ts";

const docs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  requests: {
    cpu: "CPU that is guaranteed.",
    memory: "Memory that is guaranteed.",
  },
  limits: {
    cpu: "CPU that may be used at most.",
    memory: "Memory beyond which the container is killed.",
  },
};
const memoryLike = /^(memory|ephemeral-storage|hugepages-.*)$/;
const cpuText = /^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$/;
const memoryText = /^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([kMGTPE]|[KMGTPE]i|[eE]\+?[0-9]+)?$/;
const countText = /^[0-9]+$/;

/** Takes what a container is guaranteed, and what it may use at most, from the values. */
export function liftResources(
  draft: Draft,
  container: ManifestMap,
  options: { readonly path: readonly string[]; readonly doc: string },
): void {
  const { path, doc } = options;
  const node = nodeAt(container, "resources");
  if (node?.kind !== "map" || !isPlain(node)) return;
  const group = groupAt(draft.config, path);
  group.doc = doc;
  group.base = "core.#ResourceRequirements";
  for (const [kind, amounts] of node.entries) {
    groupAt(draft.config, [...path, kind]);
    for (const [resource, amount] of entriesAt(amounts)) {
      lift(draft, amount, {
        path: [...path, kind, resource],
        doc:
          docs[kind]?.[resource] ?? `${resource}, as ${kind === "limits" ? "limit" : "request"}.`,
        type: typeOf(resource),
      });
    }
  }
  draft.expressions.set(node, configRef(path));
}

/** Tells whether the authoring library has a type for all that is there. */
function isPlain(node: ManifestNode): boolean {
  return entriesAt(node).every(
    ([kind, amounts]) =>
      (kind === "requests" || kind === "limits") &&
      amounts.kind === "map" &&
      entriesAt(amounts).every(([resource, amount]) => isAmount(resource, amount)),
  );
}

function isAmount(resource: string, node: ManifestNode): boolean {
  if (node.kind !== "text" && node.kind !== "number") return false;
  if (resource === "cpu") return cpuText.test(node.value);
  return (memoryLike.test(resource) ? memoryText : countText).test(node.value);
}

function typeOf(resource: string): string {
  if (resource === "cpu") return "core.#CPUQuantity";
  return memoryLike.test(resource) ? "core.#MemoryQuantity" : "core.#Quantity";
}
