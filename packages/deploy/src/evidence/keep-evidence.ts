import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";

import { writePrivateFile } from "../private-file.ts";

/** How many files are kept. */
const mostKept = 50;

/** What an evidence file is about. */
export interface EvidenceName {
  readonly instance: string;
  readonly namespace: string;
  readonly at: Date;
}

/**
 * Writes an evidence file into a folder, removes the oldest beyond the newest 50, and returns its
 * path. Only the user may read it.
 */
export async function keepEvidence(
  folder: string,
  { instance, namespace, at }: EvidenceName,
  evidence: unknown,
): Promise<string> {
  const time = at.toISOString().replaceAll(/[-:]/g, "");
  // Several clusters may have failed at the same moment.
  const name = `${time}-${namespace}-${instance}-${randomBytes(2).toString("hex")}.json`;
  const file = path.join(folder, name);
  await writePrivateFile(file, `${JSON.stringify(evidence, null, 2)}\n`);
  await removeOldest(folder);
  return file;
}

const ours = /^\d{8}T\d{6}\.\d{3}Z-.*\.json$/;

async function removeOldest(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => ours.test(name)).toSorted();
  const old = files.slice(0, Math.max(0, files.length - mostKept));
  await Promise.all(old.map((name) => rm(path.join(folder, name), { force: true })));
}
