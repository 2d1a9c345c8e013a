import type { CommandResult, OutputFormat } from "../define-command.ts";

/** The text that goes to stdout for a result. */
export async function formatResult(result: CommandResult, format: OutputFormat): Promise<string> {
  if (result.raw !== undefined) return result.raw;
  switch (format) {
    case "json":
      return `${JSON.stringify(result.data, undefined, 2)}\n`;
    case "yaml": {
      const { yamlText } = await import("./yaml-text.ts");
      return yamlText(result.data);
    }
    case "text":
      return endWithNewline(result.text ?? "");
  }
}

function endWithNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
