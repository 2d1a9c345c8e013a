import path from "node:path";

import type { ValueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";

const kinds: Readonly<Record<string, ValueSource["kind"]>> = {
  ".cue": "cue",
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
};

/** The name that stands for standard input; its content is CUE. */
export const stdinName = "-";

/**
 * Makes a values file of its name and content; the ending tells the kind.
 *
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for other endings
 */
export function valueSource(name: string, content: Uint8Array): ValueSource {
  if (name === stdinName) return { name: "stdin.cue", kind: "cue", content };
  const kind = kinds[path.extname(name).toLowerCase()];
  if (kind !== undefined) return { name, kind, content };
  throw new SchemaError(
    "SCHEMA_VALUES_INVALID",
    `Cannot read values file ${name}: unknown file format`,
    {
      hint: "Values files end in .cue, .yaml, .yml or .json",
    },
  );
}
