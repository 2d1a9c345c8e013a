import { verifyBytes } from "./algorithm.ts";
import type { FoundSignature } from "./found-signature.ts";
import { keyHint } from "./public-key.ts";
import { Rejection } from "./rejection.ts";
import type { TrustedSigner } from "./signature.ts";

/** Passes a signature that a signer made. @throws Rejection of any other */
export type SignerCheck = (found: FoundSignature) => Promise<void>;

/**
 * Makes the check of a signer.
 *
 * @throws OciError `OCI_KEY_INVALID`, `OCI_TRUSTED_ROOT_INVALID`
 */
export async function createSignerCheck(signer: TrustedSigner): Promise<SignerCheck> {
  if (signer.kind === "identity") {
    // It brings sigstore's libraries, which nothing else needs.
    const { createIdentityCheck } = await import("./identity-check.ts");
    return createIdentityCheck(signer);
  }
  const { publicKey } = signer;
  const hint = keyHint(publicKey);
  return async ({ message, signature, keyHint: named }) => {
    if (await verifyBytes(publicKey, message, signature)) return;
    if (named !== undefined && named !== hint)
      throw new Rejection(`it is of another key, ${named}`);
    throw new Rejection("it does not hold: it is of another key, or its content was changed");
  };
}
