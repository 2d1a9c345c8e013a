import { indentJson } from "@tenon/core";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";

/** Prints a JSON Schema; in JSON with all digits of its defaults. */
export function schemaResult(
  schema: string,
  { format }: Pick<CommandContext, "format">,
): CommandResult {
  if (format === "json") return { raw: `${indentJson(schema)}\n` };
  return { data: JSON.parse(schema) as unknown };
}
