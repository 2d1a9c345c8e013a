import type { Digest } from "@tenon/core";

import { STATEMENT_MEDIA_TYPE, preAuthEncoding } from "./dsse.ts";
import { base64, member, parseJson, records, text } from "./foreign-json.ts";
import type { FoundSignature } from "./found-signature.ts";
import { BUNDLE_MEDIA_TYPE, BUNDLE_MEDIA_TYPE_PREFIX } from "./media-types.ts";
import { Rejection } from "./rejection.ts";
import { isStatementAbout } from "./statement.ts";

/** A signed statement, as it goes into a bundle. */
export interface SignedStatement {
  readonly statement: Uint8Array;
  readonly signature: Uint8Array;
  readonly keyHint: string;
}

/** Writes a sigstore bundle of a statement that was signed with a key. */
export function formatBundle({ statement, signature, keyHint }: SignedStatement): Uint8Array {
  const bundle = {
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyHint } },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString("base64"),
      payloadType: STATEMENT_MEDIA_TYPE,
      signatures: [{ sig: Buffer.from(signature).toString("base64") }],
    },
  };
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
