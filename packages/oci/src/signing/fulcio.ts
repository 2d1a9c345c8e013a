import { type KeyObject, X509Certificate, sign } from "node:crypto";

import type { Transport } from "../client/transport.ts";
import { OciError } from "../errors.ts";
import { member, parseJson, text } from "./foreign-json.ts";
import { failed, postJson } from "./signing-service.ts";

/** What a certificate is asked for with. */
export interface CertificateRequest {
  readonly fulcioUrl: string;
  readonly identityToken: string;
  /** A key pair for ECDSA on P-256. */
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets a certificate for a key from Fulcio: https://github.com/sigstore/fulcio, `fulcio.proto` of its v2.
 *
 * @throws OciError `OCI_SIGNING_FAILED`
 */
export async function requestCertificate(
  transport: Transport,
  request: CertificateRequest,
): Promise<X509Certificate> {
  const { fulcioUrl, identityToken: token, privateKey, publicKey, signal } = request;
  const content = publicKey.export({ format: "pem", type: "spki" }).toString();
  const proof = sign("sha256", Buffer.from(subjectOf(token)), privateKey);
  const json = {
    publicKeyRequest: {
      publicKey: { algorithm: "ECDSA", content },
      proofOfPossession: proof.toString("base64"),
    },
  };
  const url = new URL("api/v2/signingCert", `${fulcioUrl.replace(/\/$/, "")}/`);
  const call = { what: "a certificate", url, json, token, signal };
  const answer = await postJson(transport, call);
  const [leaf] = ["signedCertificateEmbeddedSct", "signedCertificateDetachedSct"]
    .map((name) => member(member(answer, name), "chain")["certificates"])
    .flatMap((certificates): unknown[] => (Array.isArray(certificates) ? certificates : []));
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text(leaf) ?? "");
  } catch (cause) {
    throw failed(call, "its answer has no certificate", cause);
  }
  if (certificate.checkPrivateKey(privateKey)) return certificate;
  throw failed(call, "its certificate is for another key");
}

/** The key's holder signs the name that the token gives, which Fulcio checks. */
function subjectOf(token: string): string {
  try {
    const [, claims = ""] = token.split(".");
    const { email, sub } = parseJson(Buffer.from(claims, "base64url"), "the token");
    const subject = text(email) ?? text(sub);
    if (subject !== undefined && subject !== "") return subject;
  } catch {
    // It is told below: what stands in a token is secret.
  }
  throw new OciError("OCI_KEY_INVALID", "Cannot read the identity token: it is not a JWT", {
    hint: "Give a file with the token that your identity provider gave, or env://NAME",
  });
}
