import type { KeyObject } from "node:crypto";

import type { Digest } from "@tenon/core";
import {
  type ArtifactSignature,
  type Descriptor,
  type PackedArtifact,
  parseTag,
  pushArtifact,
  signArtifact,
} from "@tenon/oci";

import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";

/** What was pushed. */
export interface PushedArtifact {
  readonly subject: Descriptor;
  readonly signature?: ArtifactSignature | undefined;
}

/**
 * Pushes an artifact, and signs it where there is a key. The signature comes before the tags, so that no tag
 * points to what is not signed yet.
 *
 * @throws OciError as `pushArtifact` and `signArtifact`
 */
export async function pushSigned(
  context: RegistryContext,
  open: OpenRegistry,
  artifact: PackedArtifact,
  options: {
    readonly tags: readonly string[];
    /** What was found out about tags before. */
    readonly tagged?: ReadonlyMap<string, Digest> | undefined;
    readonly key?: KeyObject | undefined;
  },
): Promise<PushedArtifact> {
  const { registry, reference } = open;
  const { repository } = reference;
  const { signal } = context;
  const { tags, tagged, key } = options;
  const checked = tags.map(parseTag);
  const subject = await pushArtifact(registry, repository, artifact, key ? [] : checked, {
    signal,
    tagged,
    onProgress: (event) => reportTransfer(context, "push", event),
  });
  if (key === undefined) return { subject };
  const name = signedName(open);
  const signature = await signArtifact(registry, repository, subject, { key, name, signal });
  const { mediaType, manifest: bytes } = artifact;
  await registry.pushManifest(repository, { mediaType, bytes }, { tags: checked, signal });
  return { subject, signature };
}

/** What signatures of the older format name. */
export function signedName({ reference }: OpenRegistry): string {
  return `${reference.host}/${reference.repository}`;
}
