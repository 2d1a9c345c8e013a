import type { Digest } from "@tenon/core";

import { member, parseJson, text } from "./foreign-json.ts";
import { Rejection } from "./rejection.ts";

const payloadType = "cosign container image signature";

/**
 * The payload of cosign's older format:
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 *
 * @param name `registry/repository`, which is a claim that nothing relies on
 */
export function simpleSigning(digest: Digest, name: string): Uint8Array {
  const payload = {
    critical: {
      identity: { "docker-reference": name },
      image: { "docker-manifest-digest": digest },
      type: payloadType,
    },
    optional: null,
  };
  return Buffer.from(JSON.stringify(payload));
}

/**
 * Checks that a payload is about an artifact.
 *
 * @throws Rejection
 */
export function checkSimpleSigning(payload: Uint8Array, digest: Digest): void {
  const critical = member(parseJson(payload, "its payload"), "critical");
  if (text(critical["type"]) !== payloadType) {
    throw new Rejection("its payload is not one of a signature");
  }
  const signed = text(member(critical, "image")["docker-manifest-digest"]);
  if (signed !== digest) throw new Rejection(`it is about ${signed ?? "something else"}`);
}
