import { type KeyObject, createPublicKey } from "node:crypto";

import type { Digest } from "@tenon/core";

import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { addLegacySignature } from "./add-legacy-signature.ts";
import { signBytes } from "./algorithm.ts";
import { attachBundle } from "./attach-bundle.ts";
import { formatBundle, formatEnvelope } from "./bundle.ts";
import { STATEMENT_MEDIA_TYPE, preAuthEncoding } from "./dsse.ts";
import { keyHint } from "./public-key.ts";
import type { SignatureFormat } from "./signature.ts";
import { simpleSigning } from "./simple-signing.ts";
import { signStatement } from "./statement.ts";
import { verifySignatures } from "./verify-signatures.ts";

/** Options of {@link signArtifact}. */
export interface SignOptions extends CallOptions {
  readonly key: KeyObject;
  /** `bundle` unless given. */
  readonly format?: SignatureFormat | undefined;
  /** `registry/repository`, which signatures of the older format name; the repository unless given. */
  readonly name?: string | undefined;
}

/** A signature that is in the registry. */
export interface ArtifactSignature {
  readonly format: SignatureFormat;
  /** Manifest that carries it. */
  readonly digest: Digest;
  /** It was there before. */
  readonly existed: boolean;
}

/**
 * Signs an artifact with a private key, as cosign does. What the key has signed in the same format stays as it is.
 *
 * @param subject the manifest to sign: its digest is what is signed
 * @throws OciError `OCI_KEY_INVALID`, `OCI_TOO_LARGE`, and as {@link verifySignatures} and {@link attachFile}
 */
export async function signArtifact(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  options: SignOptions,
): Promise<ArtifactSignature> {
  const { key, format = "bundle", name = repository, signal } = options;
  const publicKey = createPublicKey(key);
  const signers = [{ kind: "key", publicKey }] as const;
  const known = await verifySignatures(registry, repository, subject.digest, signers, { signal });
  const same = known.verified.find((signature) => signature.format === format);
  if (same !== undefined) return { format, digest: same.digest, existed: true };
  if (format === "legacy") {
    const payload = simpleSigning(subject.digest, name);
    const signed = { payload, signature: signBytes(key, payload) };
    const target = { repository, digest: subject.digest };
    const digest = await addLegacySignature(registry, target, signed, { signal });
    return { format, digest, existed: false };
  }
  const statement = signStatement(subject.digest);
  const signature = signBytes(key, preAuthEncoding(STATEMENT_MEDIA_TYPE, statement));
  const material = { publicKey: { hint: keyHint(publicKey) } };
  const bundle = formatBundle(material, formatEnvelope(statement, signature));
  const digest = await attachBundle(registry, repository, subject, bundle, { signal });
  return { format, digest, existed: false };
}
