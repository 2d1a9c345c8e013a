import { parseReference, shownHost } from "@tenon/oci";

import { type NewPlace, hostPart } from "./new-place.ts";

/** What begins a file of mirrors that may be written anew. */
export const mirrorsHeader = "# Written by tenon bundle import";

/**
 * The file that makes clients look at the new place for what they know by its old one, in the format of
 * registries.conf. There is no way back to the old place: what is missing is not found, and nothing waits
 * for a host that is out of reach.
 *
 * @param repositories `host/repository` of what was imported
 * @param insecure the new place has plain HTTP or a certificate that nobody knows
 * @see https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
 */
export function mirrorsFile(
  place: NewPlace,
  repositories: readonly string[],
  insecure: boolean,
): string {
  const hosts = repositories.map((repository) => parseReference(`oci://${repository}`).host);
  const entries = [...new Set(hosts)].toSorted().map((host) => {
    const location = [place.host, place.prefix, hostPart(host)].filter((part) => part !== "");
    return [
      "[[registry]]",
      `prefix = ${JSON.stringify(shownHost(host))}`,
      `location = ${JSON.stringify(location.join("/"))}`,
      ...(insecure ? ["insecure = true"] : []),
      "",
    ].join("\n");
  });
  return `${mirrorsHeader}: artifacts are at ${place.host}\n\n${entries.join("\n")}`;
}
