import type { KubeObject } from "@tenon/core";

/** Tells whether an object is the one of `Kind/name` or `Kind/namespace/name`. */
export function isCalled(text: string): (object: KubeObject) => boolean {
  const [kind, ...place] = text.split("/");
  const name = place.pop();
  return ({ view }) =>
    view.kind === kind &&
    view.metadata.name === name &&
    (place.length === 0 || view.metadata.namespace === place[0]);
}
