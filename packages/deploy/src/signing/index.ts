export { readIdentityToken, readSigningKey } from "./read-key.ts";
export type { SignedArtifact, SigningIdentity, SigningKey, SignRequest } from "./sign-existing.ts";
export { signExisting } from "./sign-existing.ts";
export type { SignerRequest } from "./trusted-signers.ts";
export { readTrustedSigner } from "./trusted-signers.ts";
export type { VerifiedArtifact, VerifyRequest } from "./verify-existing.ts";
export { verifyExisting } from "./verify-existing.ts";
export type { KeyPairRequest, WrittenKeyPair } from "./write-key-pair.ts";
export { writeKeyPair } from "./write-key-pair.ts";
