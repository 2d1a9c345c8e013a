import { formatRepository, parseReference } from "@tenon/oci";

import { latestTag } from "../source/module-version.ts";

/** What a bundle asks for, as a lock file names it. */
export interface LockKey {
  /** `oci://registry/repository`. */
  readonly module: string;
  /** The version, range or `latest`, with `@` and the digest where there is one. */
  readonly asked: string;
}

/**
 * The key of what a bundle has of a module in a registry.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function lockKey({
  url,
  version = latestTag,
  digest,
}: {
  readonly url: string;
  readonly version?: string | undefined;
  readonly digest?: string | undefined;
}): LockKey {
  const reference = parseReference(url);
  const pinned = digest ?? reference.digest;
  return {
    module: formatRepository(reference),
    asked: pinned === undefined ? version : `${version}@${pinned}`,
  };
}
