import { isDigest, parseDigest } from "@tenon/core";

import type { Exchange } from "./context.ts";
import { replyEmpty } from "./reply.ts";

/** DELETE of a manifest by digest, or of a tag. */
export async function deleteManifest(
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { registry, response, signal } = exchange;
  if (isDigest(reference)) await registry.deleteManifest(repository, reference, { signal });
  else await registry.deleteTag(repository, reference, { signal });
  replyEmpty(response, 202);
}

/** DELETE of a blob. */
export async function deleteBlob(
  exchange: Exchange,
  repository: string,
  digest: string,
): Promise<void> {
  const { registry, response, signal } = exchange;
  await registry.deleteBlob(repository, parseDigest(digest), { signal });
  replyEmpty(response, 202);
}
