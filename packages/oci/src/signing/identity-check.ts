import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { type TrustMaterial, Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

import { OciError } from "../errors.ts";
import { checkBundleShape } from "./bundle-shape.ts";
import { Rejection } from "./rejection.ts";
import type { TrustedSigner } from "./signature.ts";
import type { SignerCheck } from "./signer-check.ts";

type Identity = Extract<TrustedSigner, { kind: "identity" }>;

/**
 * Makes the check of signatures with certificates. What the trusted root has of transparency logs, of entries
 * and of certificates, is demanded, and a proof of the time in any case.
 *
 * @throws OciError `OCI_TRUSTED_ROOT_INVALID`
 */
export function createIdentityCheck(signer: Identity): SignerCheck {
  const trust = readTrustedRoot(signer.trustedRoot);
  const verifier = new Verifier(trust, {
    tlogThreshold: trust.tlogs.length > 0 ? 1 : 0,
    ctlogThreshold: trust.ctlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
  return async ({ bundle: json, message }) => {
    if (json === undefined) throw new Rejection("it has no certificate");
    const { identity = {} } = attempt(() => {
      const bundle = bundleFromJSON(json);
      checkBundleShape(bundle);
      return verifier.verify(toSignedEntity(bundle, Buffer.from(message)));
    });
    checkName("identity", signer.identity, identity.subjectAlternativeName);
    checkName("issuer", signer.issuer, identity.extensions?.issuer);
  };
}

/**
 * Reads a Sigstore trusted root.
 *
 * @throws OciError `OCI_TRUSTED_ROOT_INVALID`
 */
export function readTrustedRoot(json: string): TrustMaterial {
  try {
    const root = TrustedRoot.fromJSON(JSON.parse(json));
    if (!root.mediaType.startsWith("application/vnd.dev.sigstore.trustedroot")) {
      throw new Error("it has no media type of one");
    }
    if (root.certificateAuthorities.length === 0) throw new Error("it has no authorities");
    return toTrustMaterial(root);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it is damaged";
    throw new OciError(
      "OCI_TRUSTED_ROOT_INVALID",
      `Cannot read the sigstore trusted root: ${why}`,
      {
        hint: "Give a trusted_root.json, such as the one that `cosign trusted-root create` writes",
        cause,
      },
    );
  }
}

/** The library throws errors of many kinds at what it cannot read. */
function attempt<Result>(verify: () => Result): Result {
  try {
    return verify();
  } catch (error) {
    if (error instanceof Rejection || !(error instanceof Error)) throw error;
    const code = "code" in error ? String(error.code) : "";
    const { message } = error.cause instanceof Error ? error.cause : error;
    throw new Rejection(`${subjectOf(code)}: ${message}`, error);
  }
}

function subjectOf(code: string): string {
  if (code.startsWith("TLOG_")) return "its entry of the transparency log does not hold";
  return subjects[code] ?? "it cannot be read";
}

const subjects: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: "its certificate is not trusted",
  SIGNATURE_ERROR: "the holder of its certificate did not make it for this content",
  TIMESTAMP_ERROR: "its time is not proven",
};

function checkName(what: string, expected: string | RegExp, actual: string | undefined): void {
  if (actual === undefined) throw new Rejection(`its certificate has no ${what}`);
  if (matches(expected, actual)) return;
  throw new Rejection(`its certificate is for the ${what} ${JSON.stringify(actual)}`);
}

function matches(expected: string | RegExp, actual: string): boolean {
  if (typeof expected === "string") return actual === expected;
  const { source, flags } = expected;
  return new RegExp(`^(?:${source})$`, flags.replace(/[gmy]/g, "")).test(actual);
}
