export type { Bump } from "./bump.ts";
export type {
  ComparedModule,
  CompareRequest,
  ModuleDifference,
  SampleDifference,
} from "./compare-modules.ts";
export { compareModules } from "./compare-modules.ts";
export type { ObjectDifference, RenderedChange } from "./compare-objects.ts";
export type { ValuesSample } from "./read-corpus.ts";
export { readCorpus } from "./read-corpus.ts";
