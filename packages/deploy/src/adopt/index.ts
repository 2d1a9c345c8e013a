export type { AdoptReport, AdoptRequest } from "./adopt-instance.ts";
export { adoptInstance } from "./adopt-instance.ts";
export type { LeaveRequest } from "./leave-instance.ts";
export { leaveInstance } from "./leave-instance.ts";
