import { cp, mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

import { assets as builtIn } from "../assets.ts";
import { SchemaError } from "../errors.ts";

/** The import path of the authoring library. */
export const coreImportPath = "tenon.dev/core/v1";

/**
 * Copies the authoring library into a module's `cue.mod/pkg`, in place of an older copy.
 *
 * @returns the import path of the library
 * @throws SchemaError `SCHEMA_MODULE_INVALID` when the directory is no module
 */
export async function vendorCore(options: {
  readonly moduleDir: string;
  readonly assets?: { readonly core: URL };
}): Promise<string> {
  const { moduleDir, assets = builtIn } = options;
  if (!(await stat(path.join(moduleDir, "cue.mod")).catch(() => undefined))?.isDirectory()) {
    throw new SchemaError(
      "SCHEMA_MODULE_INVALID",
      `Cannot vendor ${coreImportPath} into ${moduleDir}: it has no cue.mod`,
      {
        hint: "Give the directory that holds timoni.cue",
      },
    );
  }
  const target = path.join(moduleDir, "cue.mod/pkg", coreImportPath);
  const staging = `${target}.${process.pid}.tmp`;
  await mkdir(path.dirname(target), { recursive: true });
  try {
    await cp(assets.core, staging, { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(staging, target);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return coreImportPath;
}
