import type { OutputFormat } from "../../define-command.ts";

/** Forms of a report for other programs, as far as they are no data of the command's own. */
export const reportFormats = ["github", "sarif", "junit"] as const;

/** One of {@link reportFormats}. */
export type ReportFormat = (typeof reportFormats)[number];

/** Tells a {@link ReportFormat}. */
export function isReportFormat(format: OutputFormat): format is ReportFormat {
  return (reportFormats as readonly string[]).includes(format);
}
