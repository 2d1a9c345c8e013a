import type { Digest } from "@tenon/core";

import type { SignatureFormat } from "./signature.ts";

/** A signature that says that it is one of the artifact; nothing of it is verified. */
export interface FoundSignature {
  readonly format: SignatureFormat;
  /** Manifest that carries it. */
  readonly digest: Digest;
  /** The bytes that are signed. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** The key that it says it was made with. */
  readonly keyHint?: string | undefined;
  /** It as the JSON of a sigstore bundle, where it has a certificate. */
  readonly bundle?: object | undefined;
}

/** Looks at one signature and gives it, or nothing where it is none. @throws Rejection, OciError */
export type OpenSignature = () => Promise<FoundSignature | undefined>;

/** A place where a signature may be. */
export interface SignatureCandidate {
  readonly format: SignatureFormat;
  readonly digest: Digest;
  readonly open: OpenSignature;
}
