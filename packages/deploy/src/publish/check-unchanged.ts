import { OciError } from "@tenon/oci";

/**
 * Checks that what is built already is not to be annotated.
 *
 * @param command what built it
 * @throws OciError `OCI_ANNOTATION_INVALID`
 */
export function checkUnchanged(
  path: string,
  annotations: readonly string[],
  command: string,
): void {
  if (annotations.length === 0) return;
  throw new OciError(
    "OCI_ANNOTATION_INVALID",
    `Cannot annotate ${path}: it is built already, and pushed as it is`,
    { hint: `Give annotations to \`${command}\`` },
  );
}
