import { OciError, parseHost, parseReference, shownHost } from "@tenon/oci";

/** Where artifacts of many registries go together. */
export interface NewPlace {
  readonly host: string;
  /** Path before the repositories; empty for none. */
  readonly prefix: string;
}

/**
 * Reads `oci://host` or `oci://host/prefix`.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function parseNewPlace(url: string): NewPlace {
  const [, hostAlone] = /^oci:\/\/([^/]+)\/?$/.exec(url) ?? [];
  if (hostAlone !== undefined) return { host: parseHost(hostAlone), prefix: "" };
  const { host, repository, tag, digest } = parseReference(url);
  if (tag === undefined && digest === undefined) return { host, prefix: repository };
  throw new OciError(
    "OCI_REFERENCE_INVALID",
    `Cannot use ${url}: it has a ${digest === undefined ? "tag" : "digest"}, and a registry or a prefix in it is meant`,
    { hint: "Write oci://<host> or oci://<host>/<prefix>" },
  );
}

/**
 * The repository at the new place for one that was elsewhere: the host is the first part of its path, so
 * that one mirror entry for each host finds all of it.
 *
 * @param repository `host/repository`
 */
export function repositoryAt({ prefix }: NewPlace, repository: string): string {
  const { host, repository: path } = parseReference(`oci://${repository}`);
  return [prefix, hostPart(host), path].filter((part) => part !== "").join("/");
}

/** A host as a part of a path, in which no colon may stand: `localhost:5000` is `localhost-5000`. */
export function hostPart(host: string): string {
  return shownHost(host)
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
