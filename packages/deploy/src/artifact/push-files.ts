import type { KeyObject } from "node:crypto";

import { buildArtifact, parseAnnotations, parseTag } from "@tenon/oci";

import { keepReleased } from "../publish/keep-released.ts";
import { pushSigned } from "../signing/push-signed.ts";
import { type RegistryContext, openRepository } from "../source/open-registry.ts";

/** Files to push, and as what. */
export interface PushFilesRequest {
  /** A file or a folder. */
  readonly path: string;
  /** `oci://registry/repository`. */
  readonly url: string;
  /** At least one. */
  readonly tags: readonly string[];
  /** What the layer is said to hold. */
  readonly contentType: string;
  /** `key=value` each. */
  readonly annotations: readonly string[];
  /** Pack what symbolic links point to; they are left out otherwise. */
  readonly resolveLinks?: boolean | undefined;
  /** Move tags of released versions. */
  readonly overwrite?: boolean | undefined;
  /** Signs it; it is not signed without. */
  readonly key?: KeyObject | undefined;
  readonly creds?: string | undefined;
}

/** Files that were pushed. */
export interface PushedFiles {
  /** `oci://registry/repository`. */
  readonly repository: string;
  readonly digest: string;
  /** Digest of the manifest with its signature, where it was signed. */
  readonly signature?: string | undefined;
}

/**
 * Packs a file or a folder as an artifact with one layer, and pushes it.
 *
 * @throws DeployError `DEPLOY_VERSION_RELEASED`
 * @throws OciError as `buildArtifact`, `pushArtifact` and `signArtifact`
 */
export async function pushFiles(
  context: RegistryContext,
  request: PushFilesRequest,
): Promise<PushedFiles> {
  const { contentType, resolveLinks } = request;
  const { env, signal } = context;
  request.tags.forEach(parseTag);
  const annotations = parseAnnotations(request.annotations);
  await using open = openRepository(context, request.url, request.creds);
  await using artifact = await buildArtifact(request.path, {
    contentType,
    annotations,
    resolveLinks,
    env,
    signal,
  });
  if (request.overwrite !== true) await keepReleased(context, open, request.tags, artifact.digest);
  const { tags, key } = request;
  const { subject, signature } = await pushSigned(context, open, artifact, { tags, key });
  return { repository: open.name, digest: subject.digest, signature: signature?.digest };
}
