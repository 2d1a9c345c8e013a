import type { Digest } from "@tenon/core";

import { STATEMENT_MEDIA_TYPE, preAuthEncoding } from "./dsse.ts";
import { base64, member, parseJson, records, text } from "./foreign-json.ts";
import type { FoundSignature } from "./found-signature.ts";
import { BUNDLE_MEDIA_TYPE, BUNDLE_MEDIA_TYPE_PREFIX } from "./media-types.ts";
import { Rejection } from "./rejection.ts";
import { isStatementAbout } from "./statement.ts";

/** A DSSE envelope of a statement with its signature, as it stands in a bundle. */
export function formatEnvelope(statement: Uint8Array, signature: Uint8Array): object {
  return {
    payload: Buffer.from(statement).toString("base64"),
    payloadType: STATEMENT_MEDIA_TYPE,
    signatures: [{ sig: Buffer.from(signature).toString("base64") }],
  };
}

/**
 * Writes a sigstore bundle.
 *
 * @param verificationMaterial the key's hint, or a certificate with what proves its time
 * @param dsseEnvelope of {@link formatEnvelope}
 */
export function formatBundle(verificationMaterial: object, dsseEnvelope: object): Uint8Array {
  const bundle = { mediaType: BUNDLE_MEDIA_TYPE, verificationMaterial, dsseEnvelope };
  return Buffer.from(JSON.stringify(bundle));
}

/**
 * Reads a sigstore bundle: https://github.com/sigstore/protobuf-specs, `sigstore_bundle.proto`.
 *
 * @returns nothing where its statement is of another type
 * @throws Rejection
 */
export function parseBundle(
  bytes: Uint8Array,
  { digest, predicateType }: { readonly digest: Digest; readonly predicateType: string },
): Omit<FoundSignature, "digest"> | undefined {
  const bundle = parseJson(bytes, "its bundle");
  if (text(bundle["mediaType"])?.startsWith(BUNDLE_MEDIA_TYPE_PREFIX) !== true) {
    throw new Rejection("its bundle has no media type of one");
  }
  const envelope = member(bundle, "dsseEnvelope");
  if (text(envelope["payloadType"]) !== STATEMENT_MEDIA_TYPE) {
    throw new Rejection("its bundle does not hold an in-toto statement");
  }
  const signatures = records(envelope["signatures"]);
  if (signatures.length !== 1) {
    throw new Rejection(`its bundle has ${signatures.length} signatures and not one`);
  }
  const payload = base64(envelope["payload"]);
  if (!isStatementAbout(payload, digest, predicateType)) return undefined;
  const material = member(bundle, "verificationMaterial");
  return {
    format: "bundle",
    message: preAuthEncoding(STATEMENT_MEDIA_TYPE, payload),
    signature: base64(signatures[0]?.["sig"]),
    keyHint: text(member(material, "publicKey")["hint"]),
    bundle: material["publicKey"] === undefined ? bundle : undefined,
  };
}
