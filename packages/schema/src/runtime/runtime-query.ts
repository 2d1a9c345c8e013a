import type { ObjectRef, Position } from "@tenon/core";

/** Values that a runtime takes from an object of a cluster. */
export interface RuntimeQuery {
  readonly ref: ObjectRef;
  /** Without the object, the values are left out. */
  readonly optional: boolean;
  readonly values: readonly RuntimeExpression[];
  /** Where the query is written. */
  readonly position?: Position | undefined;
}

/** One value of a query. */
export interface RuntimeExpression {
  readonly name: string;
  /** CUE over `obj`, the object, such as `obj.data.host`. */
  readonly expression: string;
  readonly position?: Position | undefined;
}

/**
 * Reads `k8s:APIVERSION:KIND:NAMESPACE:NAME`, without the namespace for kinds that live in none: the
 * queries of https://timoni.sh/bundle-runtime/.
 *
 * @returns what is wrong with it when it is none
 */
export function parseQuery(text: string): ObjectRef | { readonly problem: string } {
  const [scheme, ...parts] = text.split(":");
  if (scheme !== "k8s") return { problem: "a query starts with k8s:" };
  if (parts.length < 3 || parts.length > 4 || parts.some((part) => part.trim() === "")) {
    return { problem: "expected k8s:APIVERSION:KIND:NAMESPACE:NAME or k8s:APIVERSION:KIND:NAME" };
  }
  const [apiVersion = "", kind = "", ...place] = parts;
  const name = place.at(-1) ?? "";
  return { apiVersion, kind, name, namespace: place.length === 2 ? place[0] : undefined };
}
