import type { KeyObject } from "node:crypto";

import type { Digest } from "@tenon/core";

/** Who may sign: the holder of a key, or who a certificate authority vouched for. */
export type TrustedSigner =
  | { readonly kind: "key"; readonly publicKey: KeyObject }
  | {
      readonly kind: "identity";
      /** Subject of the certificate: exact text, or a pattern that must match all of it. */
      readonly identity: string | RegExp;
      /** Issuer of the identity: exact text, or a pattern that must match all of it. */
      readonly issuer: string | RegExp;
      /** Sigstore trusted root, as JSON text; that of the public instance must be given too: nothing is fetched. */
      readonly trustedRoot: string;
    };

/** Cosign's formats: a sigstore bundle in a referrer, or the older tag `sha256-HEX.sig`. */
export type SignatureFormat = "bundle" | "legacy";

/** A signature that one of the trusted signers made. */
export interface VerifiedSignature {
  /** Index in the signers that were given. */
  readonly signer: number;
  readonly format: SignatureFormat;
  /** Manifest that carries the signature. */
  readonly digest: Digest;
}

/** A signature that proves nothing, and why. */
export interface RejectedSignature {
  readonly format: SignatureFormat;
  readonly digest: Digest;
  readonly reason: string;
}

/** What the signatures of an artifact are worth. */
export interface SignatureReport {
  readonly verified: readonly VerifiedSignature[];
  readonly rejected: readonly RejectedSignature[];
}
