import type { KeyObject } from "node:crypto";

import { type ArtifactSignature, type SignatureFormat, signArtifact } from "@tenon/oci";

import type { ArtifactId, ArtifactRequest } from "../artifact/inspect-artifact.ts";
import { readReferenced } from "../artifact/read-referenced.ts";
import { type RegistryContext, openTarget, referenced } from "../source/open-registry.ts";
import { signedName } from "./push-signed.ts";

/** An artifact to sign. */
export interface SignRequest extends ArtifactRequest {
  readonly key: KeyObject;
  readonly format?: SignatureFormat | undefined;
}

/** An artifact that was signed. */
export interface SignedArtifact extends ArtifactId {
  readonly signature: ArtifactSignature;
}

/**
 * Signs an artifact in a registry: the digest that the reference means now.
 *
 * @throws OciError as `Registry.readManifest` and `signArtifact`
 */
export async function signExisting(
  context: RegistryContext,
  { url, creds, key, format }: SignRequest,
): Promise<SignedArtifact> {
  await using open = openTarget(context, url, creds);
  const { registry, reference } = open;
  const { descriptor } = await readReferenced(context, open);
  const signature = await signArtifact(registry, reference.repository, descriptor, {
    key,
    format,
    name: signedName(open),
    signal: context.signal,
  });
  const { tag } = referenced(reference);
  return { repository: open.name, tag, digest: descriptor.digest, signature };
}
