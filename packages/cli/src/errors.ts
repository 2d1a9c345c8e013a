import { TenonError, type TenonErrorOptions } from "@tenon/core";

/** Codes of {@link CliError}. */
export type CliErrorCode =
  /** The command line names no command, an unknown one, or wrong arguments or flags. */
  | "CLI_USAGE"
  /** An environment variable has a value that is not allowed. */
  | "CLI_ENVIRONMENT_INVALID"
  /** The command took longer than `--timeout`. */
  | "CLI_TIMEOUT"
  /** A folder or file that was given for the output cannot be written. */
  | "CLI_OUTPUT_UNWRITABLE";

/** A failure of the command line itself. */
export class CliError extends TenonError<CliErrorCode> {
  constructor(code: CliErrorCode, message: string, options?: TenonErrorOptions) {
    super(code, message, options);
  }
}

/** A wrong command line; the hint ends with the way to the help of the command. */
export function usageError(command: string, message: string, hint?: string): CliError {
  const help = `Run \`${["tenon", command].filter(Boolean).join(" ")} --help\` for usage`;
  return new CliError("CLI_USAGE", message, {
    hint: hint === undefined ? help : `${hint} ${help}`,
  });
}
