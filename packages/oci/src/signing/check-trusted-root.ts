/**
 * Checks that a text is a Sigstore trusted root.
 *
 * @throws OciError `OCI_TRUSTED_ROOT_INVALID`
 */
export async function checkTrustedRoot(json: string): Promise<void> {
  const { readTrustedRoot } = await import("./identity-check.ts");
  readTrustedRoot(json);
}
