import { type ValuesInput, parseSetting, stdinName, valueSource } from "@tenon/schema";

import { DeployError } from "../errors.ts";
import { readUserFile } from "./read-user-file.ts";

/** Where values come from; settings win over files. */
export interface ValuesRequest {
  /** Values files; `-` is standard input. */
  readonly files: readonly string[];
  /** Single values as `PATH=VALUE`. */
  readonly settings?: readonly string[] | undefined;
  readonly stdin?: (() => Promise<Uint8Array>) | undefined;
}

/**
 * Reads values in the order given.
 *
 * @throws DeployError `DEPLOY_VALUES_UNREADABLE`
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for unknown endings and settings that are none
 */
export async function readValues(request: ValuesRequest): Promise<ValuesInput[]> {
  const { files: paths, settings = [], stdin } = request;
  const given = settings.map(parseSetting);
  if (paths.filter((path) => path === stdinName).length > 1) {
    throw new DeployError(
      "DEPLOY_VALUES_UNREADABLE",
      "Cannot read values: standard input was given twice",
      {
        hint: "Give -f - once",
      },
    );
  }
  const files = await Promise.all(
    paths.map(async (path) => {
      const content = path === stdinName ? await stdin?.() : await readOne(path);
      return valueSource(path, content ?? new Uint8Array());
    }),
  );
  return [...files, ...given];
}

function readOne(path: string): Promise<Uint8Array> {
  return readUserFile(
    path,
    (reason, cause) =>
      new DeployError("DEPLOY_VALUES_UNREADABLE", `Cannot read values file ${path}: ${reason}`, {
        hint: "Check the path given with -f",
        cause,
      }),
  );
}
