export type { CheckBundleRequest } from "./check-bundle.ts";
export { checkBundle } from "./check-bundle.ts";
export type { CheckRequest } from "./check-instance.ts";
export { checkInstance } from "./check-instance.ts";
export type { CheckItem, CheckName, CheckReport } from "./check-report.ts";
