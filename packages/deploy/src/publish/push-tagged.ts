import type { KeyObject } from "node:crypto";

import {
  type ArtifactSignature,
  type Descriptor,
  type PackedArtifact,
  parseTag,
  pushArtifact,
  signArtifact,
} from "@tenon/oci";

import { signedName } from "../signing/signed-name.ts";
import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { keepReleased } from "./keep-released.ts";

/** What was pushed. */
export interface PushedArtifact {
  readonly subject: Descriptor;
  readonly signature?: ArtifactSignature | undefined;
}

/**
 * Pushes an artifact under tags, and signs it where there is a key. The signature comes before the tags, so
 * that no tag points to what is not signed yet. Tags of released versions are moved only when asked.
 *
 * @throws DeployError `DEPLOY_VERSION_RELEASED`
 * @throws OciError as `pushArtifact` and `signArtifact`
 */
export async function pushTagged(
  context: RegistryContext,
  open: OpenRegistry,
  artifact: PackedArtifact,
  options: {
    readonly tags: readonly string[];
    readonly overwrite?: boolean | undefined;
    readonly key?: KeyObject | undefined;
  },
): Promise<PushedArtifact> {
  const { registry, reference } = open;
  const { repository } = reference;
  const { signal } = context;
  const { tags, overwrite, key } = options;
  const checked = tags.map(parseTag);
  const tagged =
    overwrite === true ? undefined : await keepReleased(context, open, tags, artifact.digest);
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
