import { buildArtifact, parseAnnotations, parseTag, pushArtifact } from "@tenon/oci";

import { keepReleased } from "../publish/keep-released.ts";
import { type RegistryContext, openRepository } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";

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
  readonly creds?: string | undefined;
}

/** Files that were pushed. */
export interface PushedFiles {
  /** `oci://registry/repository`. */
  readonly repository: string;
  readonly digest: string;
}

/**
 * Packs a file or a folder as an artifact with one layer, and pushes it.
 *
 * @throws DeployError `DEPLOY_VERSION_RELEASED`
 * @throws OciError as `buildArtifact` and `pushArtifact`
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
  const { repository } = open.reference;
  const { digest } = await pushArtifact(open.registry, repository, artifact, request.tags, {
    signal,
    onProgress: (event) => reportTransfer(context, "push", event),
  });
  return { repository: open.name, digest };
}
