import type { KeyObject } from "node:crypto";

import { isLayout, OciError, openBuiltArtifact, type PackedArtifact, parseTag } from "@tenon/oci";

import { checkUnchanged } from "../publish/check-unchanged.ts";
import { pushTagged } from "../publish/push-tagged.ts";
import { needNetwork } from "../source/offline-registry.ts";
import { type RegistryContext, openRepository } from "../source/open-registry.ts";
import { type PackFilesRequest, packFiles } from "./pack-files.ts";

/** Files to push, and as what. */
export interface PushFilesRequest extends PackFilesRequest {
  /** `oci://registry/repository`. */
  readonly url: string;
  /** At least one. */
  readonly tags: readonly string[];
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
  /** It was built before, and pushed as it was. */
  readonly isBuilt: boolean;
}

/**
 * Packs a file or a folder as an artifact with one layer, and pushes it. What `buildFiles` wrote is pushed as
 * it is.
 *
 * @throws DeployError `DEPLOY_VERSION_RELEASED`
 * @throws OciError `OCI_ANNOTATION_INVALID`, and as `packFiles`, `openBuiltArtifact`, `pushArtifact` and
 * `signArtifact`
 */
export async function pushFiles(
  context: RegistryContext,
  request: PushFilesRequest,
): Promise<PushedFiles> {
  needNetwork(context, `push to ${request.url}`);
  const { tags, overwrite, key } = request;
  tags.forEach(parseTag);
  await using open = openRepository(context, request.url, request.creds, "write");
  const isBuilt = await isLayout(request.path);
  await using artifact = isBuilt
    ? await builtFiles(context, request)
    : await packFiles(context, request);
  const { subject, signature } = await pushTagged(context, open, artifact, {
    tags,
    overwrite,
    key,
  });
  return { repository: open.name, digest: subject.digest, signature: signature?.digest, isBuilt };
}

async function builtFiles(
  { signal }: RegistryContext,
  { path, annotations, contentType, resolveLinks }: PackFilesRequest,
): Promise<PackedArtifact> {
  checkUnchanged(path, annotations, "tenon artifact build");
  if (contentType !== undefined || resolveLinks === true) {
    throw new OciError(
      "OCI_ANNOTATION_INVALID",
      `Cannot pack ${path} in another way: it is built already, and pushed as it is`,
      { hint: "Give --content-type and --resolve-symlinks to `tenon artifact build`" },
    );
  }
  return openBuiltArtifact(path, { signal });
}
