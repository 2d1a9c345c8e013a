export type { VendorCrdsRequest, VendoredCrd } from "./vendor-crds.ts";
export { vendorCrds } from "./vendor-crds.ts";
