import { printable } from "@tenon/core";
import type { InspectedArtifact } from "@tenon/deploy";

import type { CommandResult } from "../define-command.ts";
import { byteCount } from "./byte-count.ts";
import { table } from "./table.ts";

/** What a registry holds under a reference, for people and for programs. */
export function inspectedArtifact(artifact: InspectedArtifact): CommandResult {
  return { data: artifact, text: sections(artifact).filter(Boolean).join("\n") };
}

/** A descriptor; that of a layer may say what the layer holds. */
type Part = InspectedArtifact["layers"][number];

function sections(artifact: InspectedArtifact): string[] {
  const { annotations, config, subject } = artifact;
  return [
    headText(artifact),
    descriptors("config", config === undefined ? [] : [config]),
    section(
      "annotations",
      Object.entries(annotations).map(([key, value]) => `  ${key}: ${value}`),
    ),
    descriptors("layers", artifact.layers),
    descriptors("manifests", artifact.manifests),
    descriptors("refers to", subject === undefined ? [] : [subject]),
    descriptors("referrers", artifact.referrers),
  ];
}

function headText(artifact: InspectedArtifact): string {
  const { repository, tag, digest, mediaType, artifactType, size } = artifact;
  const name = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`;
  return [
    `artifact: ${name}`,
    `digest: ${digest}`,
    `media type: ${printable(mediaType)}`,
    ...(artifactType === undefined ? [] : [`artifact type: ${printable(artifactType)}`]),
    `size: ${byteCount(size)}`,
    "",
  ].join("\n");
}

function descriptors(title: string, parts: readonly Part[]): string {
  const rows = parts.map((part) => [
    `  ${part.contentType ?? part.artifactType ?? part.mediaType}`,
    byteCount(part.size),
    part.digest,
  ]);
  const [, ...lines] = table(["", "", ""], rows).trimEnd().split("\n");
  return section(title, lines);
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return [`${title}:`, ...lines.map((line) => printable(line).replaceAll("\n", " ")), ""].join(
    "\n",
  );
}
