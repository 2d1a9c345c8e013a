import { verifyBytes } from "./algorithm.ts";
import type { FoundSignature } from "./found-signature.ts";
import { createIdentityCheck } from "./identity-check.ts";
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
  if (signer.kind === "identity") return createIdentityCheck(signer);
  const { publicKey } = signer;
  const hint = keyHint(publicKey);
  return async ({ message, signature, keyHint: named }) => {
    if (await verifyBytes(publicKey, message, signature)) return;
    if (named === hint) throw new Rejection("the key made it, but for other content");
    throw new Rejection(
      named === undefined
        ? "the key did not make it, or made it for other content"
        : `the key did not make it: it names the key ${named}`,
    );
  };
}
