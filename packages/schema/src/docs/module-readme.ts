import { SchemaError } from "../errors.ts";
import type { ModuleFiles } from "../module/read-module.ts";

/**
 * The text of a module's `README.md`.
 *
 * @throws SchemaError `SCHEMA_README_NOT_FOUND`
 */
export function moduleReadme({ root, files }: ModuleFiles): string {
  const readme = files.get("README.md");
  if (readme !== undefined) return Buffer.from(readme).toString("utf8");
  throw new SchemaError(
    "SCHEMA_README_NOT_FOUND",
    `Cannot read README.md of module ${root}: it has none`,
    { hint: "Write one with `tenon mod show config -o README.md`" },
  );
}
