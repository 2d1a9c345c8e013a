import { type CopiedArtifact, OciError, copyArtifact, parsePlatform } from "@tenon/oci";

import { keepReleased } from "../publish/keep-released.ts";
import { needNetwork } from "../source/offline-registry.ts";
import { trustSubject } from "../source/open-artifact.ts";
import {
  type RegistryContext,
  openRegistry,
  openTarget,
  referenced,
} from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { checkTrust } from "../trust/check-trust.ts";

/** What to copy, and where to. */
export interface CopyRequest {
  /** `oci://registry/repository`, with a tag or a digest; `latest` unless given. */
  readonly source: string;
  /** `oci://registry/repository`, with a tag; that of the source unless given, if it has one. */
  readonly target: string;
  /** `os/architecture` each: what to take of an index; all unless given. */
  readonly platforms?: readonly string[] | undefined;
  /** Move tags of released versions. */
  readonly overwrite?: boolean | undefined;
  readonly sourceCreds?: string | undefined;
  readonly targetCreds?: string | undefined;
}

/** A copy of an artifact. */
export interface ArtifactCopy extends CopiedArtifact {
  /** The full reference of what was copied. */
  readonly source: string;
  /** The full reference of the copy. */
  readonly target: string;
}

/**
 * Copies an artifact with everything that refers to it, from one repository to another. Digests stay.
 *
 * @throws DeployError `DEPLOY_VERSION_RELEASED`, and as `checkTrust` for the source
 * @throws OciError `OCI_REFERENCE_INVALID` for a target with a digest, and as `copyArtifact` of @tenon/oci
 */
export async function copyBetween(
  context: RegistryContext,
  request: CopyRequest,
): Promise<ArtifactCopy> {
  const { signal } = context;
  needNetwork(context, `copy to ${request.target}`);
  await using from = openRegistry(context, request.source, request.sourceCreds);
  await using to = openTarget(context, request.target, request.targetCreds);
  if (to.reference.digest !== undefined) throw targetWithDigest(request.target);
  const ref = referenced(from.reference);
  const { tag: sourceTag, digest: sourceDigest } = ref;
  const tag = to.reference.tag ?? sourceTag;
  const tags = tag === undefined ? [] : [tag];
  const copied = await copyArtifact(
    { registry: from.registry, repository: from.reference.repository },
    { registry: to.registry, repository: to.reference.repository },
    { tag: sourceTag, digest: sourceDigest },
    {
      tags,
      platforms: request.platforms?.map(parsePlatform),
      signal,
      mountFrom: () =>
        from.reference.host === to.reference.host ? from.reference.repository : undefined,
      onProgress: (event) => reportTransfer(context, "push", event),
      onResolved: async (digest) => {
        await checkTrust(context, from, { ...trustSubject(ref, undefined), digest });
        if (request.overwrite !== true) await keepReleased(context, to, tags, digest);
      },
    },
  );
  const { digest } = copied;
  return {
    ...copied,
    source: `${from.name}${sourceTag === undefined ? "" : `:${sourceTag}`}@${digest}`,
    target: `${to.name}${tag === undefined ? "" : `:${tag}`}@${digest}`,
  };
}

function targetWithDigest(target: string): OciError {
  return new OciError(
    "OCI_REFERENCE_INVALID",
    `Cannot copy to ${target}: a copy has the digest of its source`,
    { hint: "Leave the digest out" },
  );
}
