import { readFile } from "node:fs/promises";
import path from "node:path";

import { formatReference, isTag, parseReference, type Tag } from "@tenon/oci";
import { replaceFile } from "@tenon/schema";

import { DeployError } from "../errors.ts";
import type { VendoredArtifact } from "./vendoring-registry.ts";

const fileName = "vendored.json";

/** What is vendored, as references with digests, by what it is for: `bundle shop`, `module example.com/app`. */
export type VendoredList = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the list of what a folder holds; an empty one where there is none.
 *
 * @throws DeployError `DEPLOY_VENDOR_INVALID`
 */
export async function readVendoredList(dir: string): Promise<VendoredList> {
  const file = path.join(dir, fileName);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
  try {
    const { users } = JSON.parse(text) as { readonly users: Readonly<Record<string, string[]>> };
    const list = new Map(Object.entries(users));
    for (const reference of [...list.values()].flat()) parseReference(reference);
    return list;
  } catch (cause) {
    throw new DeployError("DEPLOY_VENDOR_INVALID", `Cannot read ${file}: it lists no artifacts`, {
      hint: `Remove ${dir} and run \`tenon vendor\` for all that used it`,
      cause,
    });
  }
}

/** Writes the list: sorted, so that the same content is the same text. */
export async function writeVendoredList(dir: string, list: VendoredList): Promise<void> {
  const users = Object.fromEntries([...list].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  await replaceFile(path.join(dir, fileName), `${JSON.stringify({ users }, undefined, 2)}\n`);
}

/** An artifact as the list has it: a reference for each of its tags. */
export function referencesTo({ host, repository, digest, tags }: VendoredArtifact): string[] {
  const place = { host, repository: parseReference(`oci://${host}/${repository}`).repository };
  if (tags.length === 0) return [formatReference({ ...place, digest })];
  return tags
    .filter((tag): tag is Tag => isTag(tag))
    .map((tag) => formatReference({ ...place, tag, digest }));
}

/** The artifacts that references of the list are to. */
export function artifactsOf(references: readonly string[]): VendoredArtifact[] {
  return references.flatMap((text) => {
    const { host, repository, tag, digest } = parseReference(text);
    if (digest === undefined) return [];
    return [{ host, repository, digest, tags: tag === undefined ? [] : [tag] }];
  });
}
