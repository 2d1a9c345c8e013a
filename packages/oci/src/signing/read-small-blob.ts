import { readAll, tooLarge } from "../content/web-stream.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import { MAX_SIGNATURE_BYTES } from "./limits.ts";

/**
 * Reads a blob of a signature into memory.
 *
 * @throws OciError `OCI_TOO_LARGE`, and as {@link Registry.readBlob}
 */
export async function readSmallBlob(
  registry: Registry,
  repository: string,
  { digest, size }: Descriptor,
  options: CallOptions,
): Promise<Buffer> {
  const what = `blob ${digest}`;
  if (size > MAX_SIGNATURE_BYTES) throw tooLarge(what, MAX_SIGNATURE_BYTES);
  const { stream } = await registry.readBlob(repository, { digest, size }, options);
  return readAll(stream, MAX_SIGNATURE_BYTES, what);
}
