import type { Digest } from "@tenon/core";

import { compareBytes } from "../archive/tar-entry.ts";
import { OciError } from "../errors.ts";
import { REF_NAME } from "../layout/layout-index.ts";
import { parseManifest } from "../manifest.ts";
import { IMAGE_INDEX } from "../media-types.ts";
import { parseReference } from "../reference.ts";
import type { Descriptor } from "../registry.ts";

/** Artifact type of the index of an export. */
const EXPORT_TYPE = "application/vnd.tenon.export.v1" as const;

const roles = ["module", "dependency", "image", "files", "referrer", "tag"] as const;

/**
 * What a manifest is to an export: a module, a CUE module that one requires, an image, files beside the
 * bundle, or what says something about one of these, as a referrer or under a tag of its own.
 */
export type ExportRole = (typeof roles)[number];

/** A manifest in an export, with the place that it came from. */
export interface ExportedManifest {
  /** `host/repository`, as in references. */
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly role: ExportRole;
  readonly descriptor: Descriptor;
}

/** What an export holds. */
export interface ExportIndex {
  /** Name of the bundle. */
  readonly bundle: string;
  /** Platforms that images were chosen for; empty for all. */
  readonly platforms: readonly string[];
  /** Blobs are left out that another place has. */
  readonly isPartial: boolean;
  readonly manifests: readonly ExportedManifest[];
}

const keys = {
  bundle: "tenon.dev/bundle",
  platforms: "tenon.dev/platforms",
  partial: "tenon.dev/partial",
  repository: "tenon.dev/repository",
  tag: "tenon.dev/tag",
  role: "tenon.dev/role",
} as const;

/** Writes the `index.json` of an export: the same content gives the same text. */
export function formatExportIndex({
  bundle,
  platforms,
  isPartial,
  manifests,
}: ExportIndex): string {
  const entries = new Map(
    manifests.map((entry) => [`${entry.repository} ${nameOf(entry)} ${entry.role}`, entry]),
  );
  const sorted = [...entries].toSorted(([a], [b]) => compareBytes(a, b));
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_INDEX,
    artifactType: EXPORT_TYPE,
    manifests: sorted.map(([, entry]) => formatEntry(entry)),
    annotations: {
      [keys.bundle]: bundle,
      ...(isPartial && { [keys.partial]: "true" }),
      ...(platforms.length > 0 && { [keys.platforms]: platforms.join(",") }),
    },
  });
}

function formatEntry(entry: ExportedManifest): Descriptor {
  const { repository, tag, role, descriptor } = entry;
  const { mediaType, digest, size, artifactType } = descriptor;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    annotations: {
      [REF_NAME]: `${repository}${nameOf(entry)}`,
      [keys.repository]: repository,
      [keys.role]: role,
      ...(tag !== undefined && { [keys.tag]: tag }),
    },
  };
}

function nameOf({ tag, descriptor }: ExportedManifest): string {
  return tag === undefined ? `@${descriptor.digest}` : `:${tag}`;
}

/** Tells whether the text of an `index.json` is that of an export. */
export function isExportIndex(text: string): boolean {
  try {
    return (JSON.parse(text) as { artifactType?: unknown } | null)?.artifactType === EXPORT_TYPE;
  } catch {
    return false;
  }
}

/**
 * Reads the `index.json` of an export. Names are checked: none leads anywhere else.
 *
 * @param path where it is, for messages
 * @throws OciError `OCI_LAYOUT_INVALID`
 */
export function parseExportIndex(text: string, path: string): ExportIndex {
  if (!isExportIndex(text)) {
    throw new OciError("OCI_LAYOUT_INVALID", `Cannot use ${path}: it is no export of a bundle`, {
      hint: "Make one with `tenon bundle export`; other layouts are copied with `tenon artifact copy`",
    });
  }
  const { manifests, annotations = {} } = parseManifest(Buffer.from(text));
  const entries = manifests.map((entry) => parseEntry(entry, path));
  return {
    bundle: annotations[keys.bundle] ?? "",
    platforms: (annotations[keys.platforms] ?? "").split(",").filter((name) => name !== ""),
    isPartial: annotations[keys.partial] === "true",
    manifests: entries,
  };
}

function parseEntry(descriptor: Descriptor, path: string): ExportedManifest {
  const { annotations = {} } = descriptor;
  const repository = annotations[keys.repository] ?? "";
  const tag = annotations[keys.tag];
  const role = roles.find((name) => name === annotations[keys.role]);
  try {
    const named = parseReference(`oci://${repository}${tag === undefined ? "" : `:${tag}`}`);
    if (role !== undefined && `${named.host}/${named.repository}` === repository) {
      return { repository, tag: named.tag, role, descriptor };
    }
  } catch {
    // Said below, as of an entry without a role.
  }
  const shown = JSON.stringify({ repository, tag, role: annotations[keys.role] }).slice(0, 300);
  throw new OciError(
    "OCI_LAYOUT_INVALID",
    `Cannot use ${path}: its index has an entry that names no place: ${shown}`,
    { hint: "It is damaged, or was changed: export it again" },
  );
}

/** The path of a blob in a layout. */
export function blobName(digest: Digest): string {
  return `blobs/${digest.replace(":", "/")}`;
}
