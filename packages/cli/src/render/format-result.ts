import type { CommandResult, OutputFormat } from "../define-command.ts";

/** The text that goes to stdout for a result, where it is no report. */
export async function formatResult(result: CommandResult, format: OutputFormat): Promise<string> {
  if (result.raw !== undefined) return result.raw;
  if (format === "json") return `${JSON.stringify(result.data, undefined, 2)}\n`;
  if (format === "yaml") {
    const { yamlText } = await import("./yaml-text.ts");
    return yamlText(result.data);
  }
  return endWithNewline(result.text ?? "");
}

function endWithNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
