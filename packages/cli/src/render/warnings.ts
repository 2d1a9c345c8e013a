import type { Diagnostic } from "@tenon/core";

import type { CommandContext } from "../context.ts";
import { diagnosticLines } from "./diagnostics.ts";

/** Prints warnings on stderr, each with its place. */
export function warnAll(warnings: readonly Diagnostic[], context: CommandContext): void {
  const { talk, errPaint } = context;
  for (const warning of warnings) talk.warn(diagnosticLines(warning, errPaint).join("\n"));
}
