import { groupOf } from "@tenon/core";

import type { KubernetesSchemas } from "../kubernetes/index.ts";
import { type ManifestMap, textAt } from "./manifest-node.ts";
import type { Manifest, ManifestSet } from "./read-manifests.ts";

/**
 * Gives objects that live in a namespace and name none the one that is given, else the one that most
 * others are in, else `default`; kubectl does the same with that of its context.
 */
export async function settleNamespaces(
  manifests: readonly Manifest[],
  schemas: KubernetesSchemas,
  given: string | undefined,
): Promise<ManifestSet> {
  const namespace = given ?? mostCommon(manifests) ?? "default";
  const scopes = definedScopes(manifests);
  const settled = await Promise.all(
    manifests.map(async (manifest) => {
      const { apiVersion, kind } = manifest.ref;
      const isNamespaced =
        (await schemas.isNamespaced(apiVersion, kind)) ??
        scopes.get(`${groupOf(apiVersion)}/${kind}`) === "Namespaced";
      if (!isNamespaced || manifest.ref.namespace) return manifest;
      return {
        ...manifest,
        ref: { ...manifest.ref, namespace },
        node: withNamespace(manifest.node, namespace),
      };
    }),
  );
  return { manifests: settled, namespace };
}

function mostCommon(manifests: readonly Manifest[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { ref } of manifests) {
    if (ref.namespace) counts.set(ref.namespace, (counts.get(ref.namespace) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** The scopes of the kinds that the manifests themselves define, by group and kind. */
function definedScopes(manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  return new Map(
    manifests
      .filter(({ ref }) => ref.kind === "CustomResourceDefinition")
      .map(({ node }) => [
        `${textAt(node, "spec", "group")}/${textAt(node, "spec", "names", "kind")}`,
        textAt(node, "spec", "scope") ?? "",
      ]),
  );
}

/** Puts the namespace behind the name. */
function withNamespace(node: ManifestMap, namespace: string): ManifestMap {
  const metadata = node.entries.get("metadata");
  if (metadata?.kind !== "map") return node;
  const { name, ...rest } = Object.fromEntries(metadata.entries);
  const entries = new Map([
    ...(name ? [["name", name] as const] : []),
    ["namespace", { at: metadata.at, kind: "text", value: namespace } as const],
    ...Object.entries(rest).filter(([key]) => key !== "namespace"),
  ]);
  return { ...node, entries: new Map([...node.entries, ["metadata", { ...metadata, entries }]]) };
}
