export { withDependencies } from "./with-dependencies.ts";
