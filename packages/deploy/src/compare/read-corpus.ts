import { readdir, stat } from "node:fs/promises";
import path from "node:path";

import { type ValuesInput, fileKind } from "@tenon/schema";

import { DeployError } from "../errors.ts";
import { readValues } from "../source/read-values.ts";

/** Values that two versions of a module are rendered with. */
export interface ValuesSample {
  /** The file that they come from. */
  readonly name: string;
  readonly values: readonly ValuesInput[];
}

/**
 * Reads values files, each of which stands for an instance. A folder stands for all values files in it
 * and below; JSON Schemas and what begins with a dot are left out.
 *
 * @throws DeployError `DEPLOY_VALUES_UNREADABLE`
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for other endings
 */
export async function readCorpus(paths: readonly string[]): Promise<ValuesSample[]> {
  const files = (await Promise.all(paths.map(filesAt))).flat();
  return Promise.all(
    files.map(async (name) => ({ name, values: await readValues({ files: [name] }) })),
  );
}

async function filesAt(given: string): Promise<string[]> {
  const info = await stat(given).catch(() => undefined);
  if (info?.isDirectory() !== true) return [given];
  const entries = await readdir(given, { recursive: true });
  const files = entries.filter(isValuesFile).toSorted();
  if (files.length > 0) return files.map((file) => path.join(given, file));
  throw new DeployError(
    "DEPLOY_VALUES_UNREADABLE",
    `Cannot read values in ${given}: the folder has no values files`,
    { hint: "Values files end in .cue, .yaml, .yml or .json" },
  );
}

function isValuesFile(file: string): boolean {
  const isHidden = file.split(path.sep).some((part) => part.startsWith("."));
  return !isHidden && !file.endsWith(".schema.json") && fileKind(file) !== undefined;
}
