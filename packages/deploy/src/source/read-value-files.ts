import { readFile } from "node:fs/promises";

import type { ValueSource } from "@tenon/cue-wasm";
import { stdinName, valueSource } from "@tenon/schema";

import { DeployError } from "../errors.ts";

/**
 * Reads values files in the order given; `-` is standard input.
 *
 * @throws DeployError `DEPLOY_VALUES_UNREADABLE`
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for unknown endings
 */
export async function readValueFiles(
  paths: readonly string[],
  options: { readonly stdin?: () => Promise<Uint8Array> } = {},
): Promise<ValueSource[]> {
  if (paths.filter((path) => path === stdinName).length > 1) {
    throw new DeployError(
      "DEPLOY_VALUES_UNREADABLE",
      "Cannot read values: standard input was given twice",
      {
        hint: "Give -f - once",
      },
    );
  }
  return Promise.all(
    paths.map(async (path) => {
      const content = path === stdinName ? await options.stdin?.() : await readOne(path);
      return valueSource(path, content ?? new Uint8Array());
    }),
  );
}

async function readOne(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT" ? "no such file" : code === "EISDIR" ? "it is a directory" : String(code);
    throw new DeployError(
      "DEPLOY_VALUES_UNREADABLE",
      `Cannot read values file ${path}: ${reason}`,
      {
        hint: "Check the path given with -f",
        cause: error,
      },
    );
  }
}
