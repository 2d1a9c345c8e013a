export type { CrdFile, CrdPackage, CrdResult } from "./crd-packages.ts";
export type { Engine, EngineOptions, EvaluationCost, RequestOptions } from "./engine.ts";
export { createEngine, cueSource } from "./engine.ts";
export type { EngineErrorCode } from "./errors.ts";
export { EngineError } from "./errors.ts";
export type {
  CueDiagnostic,
  CueSource,
  Evaluation,
  EvaluationResult,
  Output,
  OutputRequest,
  SchemaRequest,
  Slice,
  Timings,
  TraceStep,
  ValueSource,
} from "./evaluation.ts";
export type { CueText, FormattedCue } from "./format-cue.ts";
export type {
  ModuleArchive,
  ModuleLocation,
  Requirement,
  RequirementsRequest,
  RequirementsResult,
  UnpackedModule,
} from "./requirements.ts";
export { dependencyFolder } from "./requirements.ts";
