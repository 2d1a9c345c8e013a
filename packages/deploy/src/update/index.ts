export type { EditedFile } from "./edit-files.ts";
export type { ModuleState, OutdatedRequest } from "./find-outdated.ts";
export { findOutdated } from "./find-outdated.ts";
export type {
  FieldUpdate,
  HeldUpdate,
  UpdateBundleRequest,
  UpdateReport,
} from "./update-bundle.ts";
export { updateBundle } from "./update-bundle.ts";
