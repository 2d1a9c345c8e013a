import { OciError } from "../errors.ts";
import type { ReadBlobOptions } from "../registry.ts";

/**
 * The bytes of a blob to read.
 *
 * @throws OciError `OCI_RANGE_INVALID`
 */
export function blobRange(
  size: number,
  options: Pick<ReadBlobOptions, "start" | "end">,
): { readonly start: number; readonly end: number; readonly whole: boolean } {
  const start = options.start ?? 0;
  const end = Math.min(options.end ?? size, size);
  if (start < 0 || start > end || (start === size && size > 0)) {
    throw new OciError(
      "OCI_RANGE_INVALID",
      `Cannot read blob from byte ${start}: it has ${size} bytes`,
    );
  }
  return { start, end, whole: start === 0 && end === size };
}
