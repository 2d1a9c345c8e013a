import type { Digest } from "@tenon/core";
import pMap from "p-map";

import type { CallOptions, Registry } from "../registry.ts";
import { findBundles } from "./find-bundles.ts";
import type { SignatureCandidate } from "./found-signature.ts";
import { findLegacySignatures } from "./legacy-signatures.ts";
import { MAX_SIGNATURES } from "./limits.ts";
import { SIGN_PREDICATE_TYPE } from "./media-types.ts";
import { rejectionReason } from "./rejection.ts";
import type {
  RejectedSignature,
  SignatureReport,
  TrustedSigner,
  VerifiedSignature,
} from "./signature.ts";
import { type SignerCheck, createSignerCheck } from "./signer-check.ts";

/** Options of {@link verifySignatures}. */
export interface VerifyOptions extends CallOptions {
  /** Type of in-toto statements to verify; those of signatures unless given. */
  readonly predicateType?: string | undefined;
}

/**
 * Verifies the signatures of an artifact in both of cosign's formats; of attestations, those of a type. A
 * signature counts for the first signer that made it. Of a signature with a key its entries of transparency logs
 * are not looked at. At most {@link MAX_SIGNATURES} are read: beyond it they are rejected.
 *
 * @throws OciError `OCI_KEY_INVALID`, `OCI_TRUSTED_ROOT_INVALID`, and as {@link Registry.listReferrers} and
 * {@link Registry.readManifest}
 * @example
 * ```ts
 * const publicKey = readPublicKey(await readFile("cosign.pub", "utf8"));
 * const report = await verifySignatures(registry, "org/app", digest, [{ kind: "key", publicKey }]);
 * if (report.verified.length === 0) throw new Error("nobody who is trusted signed it");
 * ```
 */
export async function verifySignatures(
  registry: Registry,
  repository: string,
  digest: Digest,
  signers: readonly TrustedSigner[],
  options: VerifyOptions = {},
): Promise<SignatureReport> {
  const { predicateType = SIGN_PREDICATE_TYPE, signal } = options;
  const checks = await Promise.all(signers.map(createSignerCheck));
  const wanted = { repository, digest, predicateType };
  const candidates = await findBundles(registry, wanted, { signal });
  if (predicateType === SIGN_PREDICATE_TYPE) {
    candidates.push(...(await findLegacySignatures(registry, repository, digest, { signal })));
  }
  const verdicts = await pMap(
    candidates.slice(0, MAX_SIGNATURES),
    (candidate) => judge(candidate, checks),
    { concurrency: 4, ...(signal !== undefined && { signal }) },
  );
  return {
    verified: verdicts.flatMap((verdict) => (verdict && "signer" in verdict ? [verdict] : [])),
    rejected: [
      ...verdicts.flatMap((verdict) => (verdict && "reason" in verdict ? [verdict] : [])),
      ...unread(candidates),
    ],
  };
}

/** The first of those that are not read stands for all. */
function unread(candidates: readonly SignatureCandidate[]): RejectedSignature[] {
  const [first] = candidates.slice(MAX_SIGNATURES);
  if (first === undefined) return [];
  const { format, digest } = first;
  const reason = `it is not read, nor any after it: there are more than ${MAX_SIGNATURES}`;
  return [{ format, digest, reason }];
}

async function judge(
  { format, digest, open }: SignatureCandidate,
  checks: readonly SignerCheck[],
): Promise<VerifiedSignature | RejectedSignature | undefined> {
  const reasons = new Set<string>();
  try {
    const found = await open();
    if (found === undefined) return undefined;
    for (const [signer, check] of checks.entries()) {
      const reason = await check(found).then(() => undefined, reasonOf);
      if (reason === undefined) return { signer, format, digest };
      reasons.add(reason);
    }
  } catch (error) {
    reasons.add(reasonOf(error));
  }
  return { format, digest, reason: [...reasons].join("; ") };
}

function reasonOf(error: unknown): string {
  const reason = rejectionReason(error);
  if (reason === undefined) throw error;
  return reason;
}
