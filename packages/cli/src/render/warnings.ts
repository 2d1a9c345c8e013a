import type { Diagnostic } from "@tenon/core";

import type { CommandContext } from "../context.ts";
import { diagnosticLines } from "./diagnostics.ts";
import { paintFor } from "./paint.ts";

/** Prints warnings on stderr, each with its place. */
export function warnAll(warnings: readonly Diagnostic[], context: CommandContext): void {
  const paint = paintFor(context.io.stderr, context.io, context.globals["no-color"]);
  for (const warning of warnings) context.talk.warn(diagnosticLines(warning, paint).join("\n"));
}
