import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

import {
  type ExportFolder,
  type LayoutFormat,
  archiveExport,
  checkFree,
  isExportIndex,
} from "@tenon/oci";

/** Where an export is written to. */
export interface ExportPlace {
  /** The folder that it is collected in, beside where it goes; what a killed run left is in it. */
  readonly folder: string;
  /** Puts the finished folder where it goes. */
  finish(folder: ExportFolder, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Finds out where an export can be collected. A folder may hold an earlier export, which is brought up to
 * date.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS` for an archive or a folder of anything else that is there
 */
export async function exportPlace({
  output,
  format,
}: {
  readonly output: string;
  readonly format: LayoutFormat;
}): Promise<ExportPlace> {
  const target = path.resolve(output);
  const partial = `${target}.partial`;
  if (format === "oci-archive") {
    await checkFree(output).catch(async (error: unknown) => {
      // A run that was killed between its last two steps left it behind.
      if (await holdsExport(partial)) await rm(partial, { recursive: true, force: true });
      throw error;
    });
    return {
      folder: partial,
      finish: (folder, signal) => archiveExport(folder, partial, target, { signal }),
    };
  }
  const isUpdate = await holdsExport(target);
  if (!isUpdate) await checkFree(output);
  return {
    folder: isUpdate ? target : partial,
    finish: async () => (isUpdate ? undefined : rename(partial, target)),
  };
}

async function holdsExport(folder: string): Promise<boolean> {
  const index = await readFile(path.join(folder, "index.json"), "utf8").catch(() => "");
  return isExportIndex(index);
}
