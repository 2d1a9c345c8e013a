export type { VendorReport, VendorRequest } from "./vendor-modules.ts";
export { vendorModules } from "./vendor-modules.ts";
