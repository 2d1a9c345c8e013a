import { placeOf } from "./place.ts";
import type { Finding, Report } from "./report.ts";

/**
 * Annotations of GitHub Actions: workflow commands, one a line.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
export function githubText({ findings, root }: Report): string {
  return findings.map((finding) => `${command(finding, root)}\n`).join("");
}

function command(
  { level, code, where, text, diagnostic }: Finding,
  root: string | undefined,
): string {
  const [position] = diagnostic?.positions ?? [];
  const place = position && placeOf(position, root);
  const properties = Object.entries({
    file: place?.file,
    line: place?.line,
    col: place?.column,
    title: code,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${escapeProperty(value)}`]));
  const separator = properties.length > 0 ? " " : "";
  const message = where === undefined ? text : `${where}: ${text}`;
  return `::${level}${separator}${properties.join(",")}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(value: string | number): string {
  return escapeData(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
