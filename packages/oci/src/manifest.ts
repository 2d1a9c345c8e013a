import { isDigest } from "@tenon/core";

import { OciError } from "./errors.ts";
import type { Descriptor, Platform } from "./registry.ts";

/** What this package looks at in a manifest or an index. Unknown fields are left alone. */
export interface ParsedManifest {
  readonly mediaType?: string | undefined;
  readonly artifactType?: string | undefined;
  readonly config?: Descriptor | undefined;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * Reads a manifest or an index.
 *
 * @throws OciError `OCI_MANIFEST_INVALID`
 */
export function parseManifest(bytes: Uint8Array): ParsedManifest {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  if (!isRecord(body)) throw invalid("it is not a JSON object");
  const optional = (name: string) =>
    body[name] === undefined || body[name] === null ? undefined : readDescriptor(body[name], name);
  return {
    mediaType: text(body["mediaType"]),
    artifactType: text(body["artifactType"]),
    config: optional("config"),
    layers: descriptorList(body["layers"], "layers"),
    manifests: descriptorList(body["manifests"], "manifests"),
    subject: optional("subject"),
    annotations: annotations(body["annotations"]),
  };
}

/** The descriptors of an index. */
export function readDescriptors(index: unknown): Descriptor[] {
  if (!isRecord(index)) throw invalid("it is not a JSON object");
  return descriptorList(index["manifests"], "manifests");
}

function descriptorList(value: unknown, name: string): Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${name} is not a list`);
  return value.map((item) => readDescriptor(item, name));
}

function readDescriptor(value: unknown, name: string): Descriptor {
  if (!isRecord(value)) throw invalid(`${name} has an entry that is no descriptor`);
  const { mediaType, digest, size, artifactType } = value;
  if (typeof digest !== "string" || !isDigest(digest)) throw invalid(`${name} has no valid digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(`${name} has no valid size`);
  }
  const notes = annotations(value["annotations"]);
  const platform = readPlatform(value["platform"]);
  return {
    mediaType: text(mediaType) ?? "",
    digest,
    size,
    ...(typeof artifactType === "string" && { artifactType }),
    ...(notes !== undefined && { annotations: notes }),
    ...(platform !== undefined && { platform }),
  };
}

function readPlatform(value: unknown): Platform | undefined {
  if (!isRecord(value)) return undefined;
  const [os, architecture, variant] = [value["os"], value["architecture"], value["variant"]].map(
    text,
  );
  if (os === undefined || architecture === undefined) return undefined;
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

function annotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined;
  const pairs = Object.entries(value).filter(([, item]) => typeof item === "string");
  return Object.fromEntries(pairs) as Record<string, string>;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(why: string, cause?: unknown): OciError {
  return new OciError("OCI_MANIFEST_INVALID", `Cannot read manifest: ${why}`, { cause });
}
