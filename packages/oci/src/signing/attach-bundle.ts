import type { Digest } from "@tenon/core";

import { attachFile } from "../artifact/attach-file.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import {
  BUNDLE_MEDIA_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  SIGN_PREDICATE_TYPE,
} from "./media-types.ts";

/**
 * Attaches a sigstore bundle with a signature to an artifact.
 *
 * @returns the digest of the manifest that carries it
 * @throws OciError as {@link attachFile}
 */
export async function attachBundle(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  bundle: Uint8Array,
  options: CallOptions,
): Promise<Digest> {
  const file = {
    artifactType: BUNDLE_MEDIA_TYPE,
    mediaType: BUNDLE_MEDIA_TYPE,
    content: bundle,
    annotations: {
      "dev.sigstore.bundle.content": "dsse-envelope",
      [PREDICATE_TYPE_ANNOTATION]: SIGN_PREDICATE_TYPE,
    },
  };
  return (await attachFile(registry, repository, subject, file, options)).digest;
}
