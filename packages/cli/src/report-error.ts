import { isTenonError, messageOf, printable, redactUrls, type TenonError } from "@tenon/core";

import type { CommandFailure, OutputFormat } from "./define-command.ts";
import { exitCodeOf } from "./exit-code.ts";
import { Interrupted, type Io } from "./io.ts";
import { diagnosticsLines } from "./render/diagnostics.ts";
import { type Paint, paintFor } from "./render/paint.ts";

/** How to report a failure. */
export interface ReportOptions {
  /** `json` reports as JSON too. */
  readonly format: OutputFormat;
  readonly noColor: boolean;
  /** Texts that must not be printed: tokens and passwords of the command line. */
  readonly secrets: readonly string[];
  /** What had been done when it happened. */
  readonly done: readonly string[];
}

/** Prints a failure on stderr and picks the exit code. Nothing else does either. */
export function reportError(thrown: unknown, io: Io, options: ReportOptions): number {
  const interrupted = io.signal.aborted && io.signal.reason instanceof Interrupted;
  const paint = paintFor(io.stderr, io, options.noColor);
  const text = options.format === "json" ? asJson(thrown, interrupted, options.done) : undefined;
  const lines = text === undefined ? asText(thrown, interrupted, options.done, paint) : [text];
  io.stderr.write(`${redact(lines.join("\n"), options.secrets)}\n`);
  return exitCodeOf(thrown, interrupted);
}

/** Prints failures of parts of a command on stderr; the command itself comes to its end. */
export function reportFailures(
  failures: readonly CommandFailure[],
  io: Io,
  options: ReportOptions,
): void {
  const paint = paintFor(io.stderr, io, options.noColor);
  for (const { where, error } of failures) {
    const [head = "", ...more] = asText(error, false, [], paint);
    const lines = [where === undefined ? head : `${where} ${head}`, ...more];
    io.stderr.write(`${redact(lines.join("\n"), options.secrets)}\n`);
  }
}

function asText(
  thrown: unknown,
  interrupted: boolean,
  done: readonly string[],
  paint: Paint,
): string[] {
  const progress = done.map((line) => `done: ${line}`);
  if (interrupted) {
    const again = `${paint.cyan("hint:")} Run the same command again to go on`;
    return [paint.yellow("interrupted"), ...progress, ...(done.length > 0 ? [again] : [])];
  }
  if (isTenonError(thrown))
    return [...errorLines(thrown, paint), ...progress, ...hintLines(thrown, paint)];
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return [
    `${paint.red("error:")} Unexpected failure: ${printable(messageOf(thrown))}`,
    ...printable(stack)
      .split("\n")
      .map((line) => paint.dim(`  ${line}`)),
    ...progress,
    `${paint.cyan("hint:")} This is a defect of tenon; please report it with the lines above`,
  ];
}

function errorLines(error: TenonError, paint: Paint): string[] {
  const [head = "", ...more] = error.message.split("\n");
  return [
    `${paint.red("error:")} ${head} ${paint.dim(`[${error.code}]`)}`,
    ...more,
    ...diagnosticsLines(error.diagnostics, paint),
  ];
}

function hintLines(error: TenonError, paint: Paint): string[] {
  return error.hint === undefined ? [] : [`${paint.cyan("hint:")} ${error.hint}`];
}

function asJson(thrown: unknown, interrupted: boolean, done: readonly string[]): string {
  const error = interrupted
    ? { code: "INTERRUPTED", message: "Interrupted" }
    : isTenonError(thrown)
      ? {
          code: thrown.code,
          message: thrown.message,
          hint: thrown.hint,
          diagnostics: thrown.diagnostics,
          details: thrown.details,
        }
      : {
          code: "UNEXPECTED",
          message: printable(messageOf(thrown)),
          stack: thrown instanceof Error ? thrown.stack : undefined,
        };
  return JSON.stringify({ error: { ...error, ...(done.length > 0 && { done }) } });
}

/** A text without secrets of the command line and of URLs. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 2)
    .flatMap((secret) => [secret, secret.slice(secret.indexOf(":") + 1)])
    .filter((secret) => secret.length > 2)
    .reduce((safe, secret) => safe.replaceAll(secret, "***"), redactUrls(text));
}
