import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

import { type ExportFolder, archiveExport, checkFree, isExportIndex } from "@tenon/oci";

/** Where an export is written to. */
export interface ExportPlace {
  readonly format: "oci-archive" | "oci-layout";
  /** The folder that it is collected in, beside where it goes; what a killed run left is in it. */
  readonly folder: string;
  /** Puts the finished folder where it goes. */
  finish(folder: ExportFolder, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Finds out where an export can be collected. A name that ends in `.tar` is an archive. A folder may hold
 * an earlier export, which is brought up to date.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS` for an archive or a folder of anything else that is there
 */
export async function exportPlace(output: string): Promise<ExportPlace> {
  const target = path.resolve(output);
  const partial = `${target}.partial`;
  if (output.endsWith(".tar")) {
    await checkFree(output).catch(async (error: unknown) => {
      // A run that was killed between its last two steps left it behind.
      await rm(partial, { recursive: true, force: true });
      throw error;
    });
    return {
      format: "oci-archive",
      folder: partial,
      finish: (folder, signal) => archiveExport(folder, partial, target, { signal }),
    };
  }
  const isUpdate = await holdsExport(target);
  if (!isUpdate) await checkFree(output);
  return {
    format: "oci-layout",
    folder: isUpdate ? target : partial,
    finish: async () => (isUpdate ? undefined : rename(partial, target)),
  };
}

async function holdsExport(folder: string): Promise<boolean> {
  const index = await readFile(path.join(folder, "index.json"), "utf8").catch(() => "");
  return isExportIndex(index);
}
