import type { OpenRegistry } from "../source/open-registry.ts";

/** What signatures of the older format name. */
export function signedName({ reference }: OpenRegistry): string {
  return `${reference.host}/${reference.repository}`;
}
