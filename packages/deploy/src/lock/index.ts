export type { LockBundleOptions, LockReport } from "./lock-bundle.ts";
export { lockBundle } from "./lock-bundle.ts";
export type { LockedBundle, LockedCueModule, LockedModule } from "./lock-file.ts";
export type { LockedChange, LockedContent } from "./locked-changes.ts";
