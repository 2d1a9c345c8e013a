import type { KubeObjectView } from "@tenon/core";

/**
 * Tells whether one version of the cluster came before another. They are integers that grow
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions); what is none
 * cannot be compared and is taken for new.
 */
export function isEarlier(version: unknown, than: unknown): boolean {
  const [a, b] = [integer(version), integer(than)];
  return a !== undefined && b !== undefined && a < b;
}

/** Tells whether one reading of an object is older than another. */
export function isOlder(view: KubeObjectView, than: KubeObjectView): boolean {
  return isEarlier(view.metadata["resourceVersion"], than.metadata["resourceVersion"]);
}

function integer(version: unknown): bigint | undefined {
  return typeof version === "string" && /^\d+$/.test(version) ? BigInt(version) : undefined;
}
