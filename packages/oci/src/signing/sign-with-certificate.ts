import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import type { Transport } from "../client/transport.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { signBytes } from "./algorithm.ts";
import { attachBundle } from "./attach-bundle.ts";
import { formatBundle, formatEnvelope } from "./bundle.ts";
import { STATEMENT_MEDIA_TYPE, preAuthEncoding } from "./dsse.ts";
import { requestCertificate } from "./fulcio.ts";
import { logEnvelope } from "./rekor.ts";
import type { ArtifactSignature } from "./sign-artifact.ts";
import { signStatement } from "./statement.ts";

/** Options of {@link signWithCertificate}. */
export interface CertificateSignOptions extends CallOptions {
  /** Says to the authority who signs, as a JWT; a secret. */
  readonly identityToken: string;
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  readonly transport: Transport;
}

/**
 * Signs an artifact with a key that is made for it and thrown away: an authority (Fulcio) certifies who had
 * it, and a transparency log (Rekor) when. The log is public where its users are.
 *
 * @throws OciError `OCI_KEY_INVALID` for what is no token, `OCI_SIGNING_FAILED`, and as `attachFile`
 */
export async function signWithCertificate(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  options: CertificateSignOptions,
): Promise<ArtifactSignature> {
  const { identityToken, fulcioUrl, rekorUrl, transport, signal } = options;
  const keys = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const request = { ...keys, fulcioUrl, identityToken, signal };
  const certificate = await requestCertificate(transport, request);
  const statement = signStatement(subject.digest);
  const signed = preAuthEncoding(STATEMENT_MEDIA_TYPE, statement);
  const envelope = formatEnvelope(statement, signBytes(keys.privateKey, signed));
  const pem = certificate.toString();
  const entry = await logEnvelope(transport, { rekorUrl, envelope, certificate: pem, signal });
  const material = {
    certificate: { rawBytes: certificate.raw.toString("base64") },
    tlogEntries: [entry],
  };
  const bundle = formatBundle(material, envelope);
  const digest = await attachBundle(registry, repository, subject, bundle, { signal });
  return { format: "bundle", digest, existed: false };
}
