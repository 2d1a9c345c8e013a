import { createHash } from "node:crypto";

import {
  type ForeignObject,
  base64,
  hexToBase64,
  member,
  parseJson,
  text,
} from "./foreign-json.ts";
import { SIGNATURE_ANNOTATION } from "./media-types.ts";
import { readPem } from "./pem.ts";
import { Rejection } from "./rejection.ts";

const certificateKey = "dev.sigstore.cosign/certificate";
const logEntryKey = "dev.sigstore.cosign/bundle";
const timestampKey = "dev.sigstore.cosign/rfc3161timestamp";

/**
 * A signature of cosign's older format as a sigstore bundle, from the annotations of its layer:
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 *
 * @returns nothing where it has no certificate
 * @throws Rejection
 */
export function legacyBundle(
  payload: Uint8Array,
  annotations: Readonly<Record<string, string>>,
): object | undefined {
  const certificate = annotations[certificateKey];
  if (certificate === undefined || certificate === "") return undefined;
  const logEntry = annotations[logEntryKey];
  const timestamp = annotations[timestampKey];
  return {
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: derBase64(certificate) }] },
      tlogEntries: logEntry === undefined ? [] : [tlogEntry(parseJson(logEntry, "its log entry"))],
      timestampVerificationData: {
        rfc3161Timestamps: timestamp === undefined ? [] : [signedTimestamp(timestamp)],
      },
    },
    messageSignature: {
      messageDigest: {
        algorithm: "SHA2_256",
        digest: createHash("sha256").update(payload).digest("base64"),
      },
      signature: annotations[SIGNATURE_ANNOTATION],
    },
  };
}

function derBase64(pem: string): string {
  try {
    return Buffer.from(readPem(pem).bytes).toString("base64");
  } catch (cause) {
    throw new Rejection("its certificate is not in PEM", cause);
  }
}

function tlogEntry(entry: ForeignObject): object {
  const payload = member(entry, "Payload");
  const body = text(payload["body"]) ?? "";
  const { kind, apiVersion } = parseJson(base64(body), "its log entry");
  return {
    logIndex: `${Number(payload["logIndex"])}`,
    logId: { keyId: hexToBase64(payload["logID"]) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: `${Number(payload["integratedTime"])}`,
    inclusionPromise: { signedEntryTimestamp: entry["SignedEntryTimestamp"] },
    canonicalizedBody: body,
  };
}

function signedTimestamp(annotation: string): object {
  const { SignedRFC3161Timestamp: signed } = parseJson(annotation, "its timestamp");
  return { signedTimestamp: signed };
}
