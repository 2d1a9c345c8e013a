import type { Position } from "@tenon/core";
import { type Reference, type TrustedSigner, parseHost } from "@tenon/oci";

/** Who has to have signed what comes from which registries. */
export interface TrustPolicy {
  readonly file: string;
  readonly rules: readonly TrustRule[];
}

/** What is demanded of the artifacts below a prefix. */
export interface TrustRule {
  /** `registry/path` in canonical form, `*` for all registries. */
  readonly prefix: string;
  /** Where the rule begins. */
  readonly at: Position;
  /** Accepted as it is, refused whatever it is, or accepted when it is signed. */
  readonly demand: "allow" | "deny" | SignatureDemand;
  /** Tags of released versions must not move. */
  readonly immutableTags: boolean;
}

/** Signatures that an artifact must have. */
export interface SignatureDemand {
  readonly signers: readonly NamedSigner[];
  /** How many of the signers must have signed; 1 or more. */
  readonly threshold: number;
}

/** A signer with the name that messages give it. */
export interface NamedSigner {
  readonly name: string;
  readonly signer: TrustedSigner;
}

/** The prefix that matches whatever no other one does. */
export const anyPrefix = "*";

/**
 * The rule that decides about a repository: the one with the longest prefix of whole path segments; of
 * none a policy knows nothing, and it is refused.
 */
export function ruleFor(
  policy: TrustPolicy,
  reference: Pick<Reference, "host" | "repository">,
): TrustRule | undefined {
  const name = `${canonicalHost(reference.host)}/${reference.repository}`;
  const matches = policy.rules.filter(
    ({ prefix }) => prefix === anyPrefix || name === prefix || name.startsWith(`${prefix}/`),
  );
  return matches.toSorted((a, b) => specificity(b) - specificity(a))[0];
}

/**
 * One spelling of each registry, so that no other one gets around a rule: lower case, Docker Hub's names
 * are one, and the port of HTTPS is left out.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function canonicalHost(host: string): string {
  return parseHost(host.toLowerCase().replace(/:0*443$/, ""));
}

function specificity({ prefix }: TrustRule): number {
  return prefix === anyPrefix ? 0 : prefix.length;
}
