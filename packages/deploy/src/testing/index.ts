export type { CaseResult, TestModuleRequest } from "./test-module.ts";
export { testModule } from "./test-module.ts";
