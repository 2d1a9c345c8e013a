import type { TrustedSigner } from "@tenon/oci";

import { DeployError } from "../errors.ts";
import type { RegistryContext } from "../source/open-registry.ts";
import { readUserFile } from "../source/read-user-file.ts";
import { readVerifyingKey } from "./read-key.ts";

/** Who must have signed an artifact, as a user names them. */
export type SignerRequest =
  | {
      readonly kind: "key";
      /** File with a public key, or `env://NAME`. */
      readonly key: string;
    }
  | {
      readonly kind: "identity";
      readonly identity: string | RegExp;
      readonly issuer: string | RegExp;
      /** File with a sigstore trusted root. */
      readonly trustedRoot: string;
    };

/**
 * Reads the files that a signer is told by.
 *
 * @throws DeployError `DEPLOY_KEY_UNREADABLE`
 * @throws OciError `OCI_KEY_INVALID`
 */
export async function readTrustedSigner(
  context: Pick<RegistryContext, "env">,
  request: SignerRequest,
): Promise<TrustedSigner> {
  if (request.kind === "key") {
    return { kind: "key", publicKey: await readVerifyingKey(context, request.key) };
  }
  const { identity, issuer, trustedRoot: file } = request;
  const bytes = await readUserFile(file, (reason, cause) => {
    const message = `Cannot read trusted root ${file}: ${reason}`;
    return new DeployError("DEPLOY_KEY_UNREADABLE", message, { cause });
  });
  const trustedRoot = Buffer.from(bytes).toString("utf8");
  return { kind: "identity", identity, issuer, trustedRoot };
}
