import { OciError, foreignText } from "../errors.ts";
import type { Descriptor, Platform } from "../registry.ts";

/** Where buildx says which manifest of an index an attestation is about. */
const attestationSubject = "vnd.docker.reference.digest";

/**
 * Reads `os/architecture` or `os/architecture/variant`, such as `linux/arm64`.
 *
 * @throws OciError `OCI_PLATFORM_INVALID`
 */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.split("/");
  const parts = [os, architecture, variant ?? "any"];
  if (rest.length === 0 && os && architecture && parts.every((part) => /^[\w.]+$/.test(part!))) {
    return { os, architecture, ...(variant !== undefined && { variant }) };
  }
  throw new OciError(
    "OCI_PLATFORM_INVALID",
    `Cannot use platform ${JSON.stringify(text)}: it is not os/architecture`,
    { hint: "Write platforms as linux/amd64 or linux/arm/v7, with commas between them" },
  );
}

/** Writes a platform the way {@link parsePlatform} reads it. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/");
}

/**
 * Chooses from the manifests of an index those for some platforms, with what belongs to all platforms
 * and the attestations of what is chosen.
 *
 * @param name what the index is called in messages
 * @throws OciError `OCI_PLATFORM_MISSING` if it has manifests for platforms, and for none of these
 */
export function selectPlatforms(
  manifests: readonly Descriptor[],
  wanted: readonly Platform[],
  name: string,
): readonly Descriptor[] {
  const forPlatforms = manifests.filter(isForPlatform);
  const matching = forPlatforms.filter(({ platform }) =>
    wanted.some((one) => matches(platform!, one)),
  );
  if (matching.length === 0 && forPlatforms.length > 0) throw missing(name, forPlatforms, wanted);
  const chosen = new Set<string>(matching.map(({ digest }) => digest));
  return manifests.filter((manifest) => {
    const about = manifest.annotations?.[attestationSubject];
    if (about !== undefined) return chosen.has(about);
    return !isForPlatform(manifest) || chosen.has(manifest.digest);
  });
}

function isForPlatform({ platform, annotations }: Descriptor): boolean {
  return platform !== undefined && annotations?.[attestationSubject] === undefined;
}

function matches(found: Platform, wanted: Platform): boolean {
  if (found.os !== wanted.os || found.architecture !== wanted.architecture) return false;
  return wanted.variant === undefined || variantOf(found) === variantOf(wanted);
}

/** There is one arm64, which some call v8. */
function variantOf({ architecture, variant = "" }: Platform): string {
  return architecture === "arm64" && variant === "" ? "v8" : variant;
}

function missing(
  name: string,
  manifests: readonly Descriptor[],
  wanted: readonly Platform[],
): OciError {
  const found = [...new Set(manifests.map(({ platform }) => formatPlatform(platform!)))];
  const shown = foreignText(found.join(", "));
  return new OciError(
    "OCI_PLATFORM_MISSING",
    `Cannot copy ${name} for ${wanted.map(formatPlatform).join(", ")}: it is for ${shown}`,
    { hint: "Choose among these platforms, or take all", details: { platforms: found } },
  );
}
