import { type Digest, digestAlgorithm, digestHex } from "@tenon/core";

import { parseJson, records, text, member } from "./foreign-json.ts";
import { SIGN_PREDICATE_TYPE } from "./media-types.ts";
import { Rejection } from "./rejection.ts";

const newType = "https://in-toto.io/Statement/v1";
const knownTypes: readonly (string | undefined)[] = [newType, "https://in-toto.io/Statement/v0.1"];

/** The in-toto statement that an artifact is signed, as cosign writes it. */
export function signStatement(digest: Digest): Uint8Array {
  const statement = {
    _type: newType,
    subject: [{ digest: { [digestAlgorithm(digest)]: digestHex(digest) } }],
    predicateType: SIGN_PREDICATE_TYPE,
    predicate: {},
  };
  return Buffer.from(JSON.stringify(statement));
}

/**
 * Checks that an in-toto statement is about an artifact: https://github.com/in-toto/attestation/tree/main/spec/v1
 *
 * @returns whether it is of the wanted type; one of another type says something else
 * @throws Rejection
 */
export function isStatementAbout(
  payload: Uint8Array,
  digest: Digest,
  predicateType: string,
): boolean {
  const statement = parseJson(payload, "its statement");
  if (!knownTypes.includes(text(statement["_type"]))) {
    throw new Rejection("its payload is not an in-toto statement");
  }
  if (text(statement["predicateType"]) !== predicateType) return false;
  const algorithm = digestAlgorithm(digest);
  const digests = records(statement["subject"]).map(
    (subject) => member(subject, "digest")[algorithm],
  );
  if (digests.includes(digestHex(digest))) return true;
  const [other] = digests;
  throw new Rejection(
    `it is about ${text(other) === undefined ? "something else" : `${algorithm}:${text(other)}`}`,
  );
}
