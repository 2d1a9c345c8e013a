import type { KeyObject } from "node:crypto";

import {
  type ArtifactSignature,
  type Descriptor,
  type SignatureFormat,
  createTransport,
  signArtifact,
  signWithCertificate,
} from "@tenon/oci";

import type { ArtifactId, ArtifactRequest } from "../artifact/inspect-artifact.ts";
import { readReferenced } from "../artifact/read-referenced.ts";
import {
  type OpenRegistry,
  type RegistryContext,
  openTarget,
  referenced,
} from "../source/open-registry.ts";
import { signedName } from "./signed-name.ts";

/** An artifact to sign, and with what. */
export interface SignRequest extends ArtifactRequest {
  readonly by: SigningKey | SigningIdentity;
}

/** A private key to sign with. */
export interface SigningKey {
  readonly kind: "key";
  readonly key: KeyObject;
  readonly format?: SignatureFormat | undefined;
}

/** An identity to sign with, and the services that certify it. */
export interface SigningIdentity {
  readonly kind: "identity";
  /** A JWT; a secret. */
  readonly identityToken: string;
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
}

/** An artifact that was signed. */
export interface SignedArtifact extends ArtifactId {
  readonly signature: ArtifactSignature;
}

/**
 * Signs an artifact in a registry: the digest that the reference means now.
 *
 * @throws OciError as `Registry.readManifest`, `signArtifact` and `signWithCertificate`
 */
export async function signExisting(
  context: RegistryContext,
  { url, creds, by }: SignRequest,
): Promise<SignedArtifact> {
  await using open = openTarget(context, url, creds);
  const { descriptor } = await readReferenced(context, open);
  const signature = await (by.kind === "key"
    ? signArtifact(open.registry, open.reference.repository, descriptor, {
        key: by.key,
        format: by.format,
        name: signedName(open),
        signal: context.signal,
      })
    : certify(context, open, descriptor, by));
  const { tag } = referenced(open.reference);
  return { repository: open.name, tag, digest: descriptor.digest, signature };
}

async function certify(
  { env, signal, version }: RegistryContext,
  { registry, reference }: OpenRegistry,
  subject: Descriptor,
  { identityToken, fulcioUrl, rekorUrl }: SigningIdentity,
): Promise<ArtifactSignature> {
  const transport = createTransport({ env, userAgent: `tenon/${version ?? "0"}` });
  try {
    const options = { identityToken, fulcioUrl, rekorUrl, transport, signal };
    return await signWithCertificate(registry, reference.repository, subject, options);
  } finally {
    await transport.close();
  }
}
