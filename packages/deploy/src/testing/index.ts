export type { CaseResult, TestModuleRequest, TestReport } from "./test-module.ts";
export { testModule } from "./test-module.ts";
