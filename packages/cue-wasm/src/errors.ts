import { TenonError, type TenonErrorOptions } from "@tenon/core";

/** Codes of {@link EngineError}. */
export type EngineErrorCode =
  /** The request ran past its deadline. */
  | "ENGINE_TIMEOUT"
  /** The request passed the memory cap. */
  | "ENGINE_OUT_OF_MEMORY"
  /** The evaluator ended in the middle of the request. */
  | "ENGINE_CRASHED"
  /** The engine's files are missing or do not start. */
  | "ENGINE_UNAVAILABLE"
  /** The engine refused a request of this package. */
  | "ENGINE_PROTOCOL";

/** A failure of the engine itself. What is wrong with CUE files is data instead: {@link Diagnostic}s. */
export class EngineError extends TenonError<EngineErrorCode> {
  constructor(code: EngineErrorCode, message: string, options?: TenonErrorOptions) {
    super(code, message, options);
  }
}
