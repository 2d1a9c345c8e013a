import { printable } from "@tenon/core";

import type { Paint } from "./paint.ts";

/** Something of a bundle: the bundle itself, its part on a cluster, or an instance. */
export interface ShownPlace {
  readonly bundle: string;
  readonly cluster?: string | undefined;
  readonly instance?: string | undefined;
}

/** `b:shop c:staging i:web`, which every line about a bundle begins with. */
export function placeText({ bundle, cluster, instance }: ShownPlace, paint: Paint): string {
  const parts = [
    paint.magenta(`b:${printable(bundle)}`),
    ...(cluster !== undefined && isNamed(cluster) ? [paint.blue(`c:${printable(cluster)}`)] : []),
    ...(instance === undefined ? [] : [paint.cyan(`i:${printable(instance)}`)]),
  ];
  return parts.join(" ");
}

/** Tells whether a cluster has a name that the user gave it: without a runtime it has none. */
export function isNamed(cluster: string): boolean {
  return cluster !== "_default";
}
