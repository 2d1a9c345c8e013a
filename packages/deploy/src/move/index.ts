export type { ExportBundleRequest, ExportedArtifact, ExportReport } from "./export-bundle.ts";
export { exportBundle } from "./export-bundle.ts";
export type { ImportBundleRequest, ImportedArtifact, ImportReport } from "./import-bundle.ts";
export { importBundle } from "./import-bundle.ts";
export { writeFiles, writeMirrors } from "./write-output.ts";
