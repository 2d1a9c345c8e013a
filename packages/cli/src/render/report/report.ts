import { type Diagnostic, isTenonError, messageOf } from "@tenon/core";

import type { CommandFailure, CommandResult } from "../../define-command.ts";
import { githubText } from "./github.ts";
import { junitText } from "./junit.ts";
import type { ReportFormat } from "./report-format.ts";
import { sarifText } from "./sarif.ts";

/** Something that was found. */
export interface Finding {
  readonly level: "error" | "warning";
  /** Code of the error; of warnings there is none. */
  readonly code?: string | undefined;
  /** What it was found in, where the text does not say it. */
  readonly where?: string | undefined;
  readonly text: string;
  readonly diagnostic?: Diagnostic | undefined;
}

/** What a command checked, in a form that needs no knowledge of the command. */
export interface Report {
  /** The command. */
  readonly name: string;
  readonly version: string;
  /** Names of what is as it should be. */
  readonly passed: readonly string[];
  readonly findings: readonly Finding[];
  /** Folder that paths are told from; the current one unless given. */
  readonly root?: string | undefined;
}

/** The text of a report. */
export function reportText(report: Report, format: ReportFormat): string {
  return { github: githubText, sarif: sarifText, junit: junitText }[format](report);
}

/** What a result says was found. */
export function findingsOf({ checked, failures = [] }: CommandResult): Finding[] {
  const warnings = checked?.warnings ?? [];
  return [
    ...failures.flatMap(failureFindings),
    ...warnings.map((entry): Finding => ({
      level: "warning",
      text: subjectAndText(entry),
      diagnostic: entry,
    })),
  ];
}

/** The mistakes that an error tells of, or the error itself where it tells of none. */
function failureFindings({ where, error }: CommandFailure): Finding[] {
  const known = isTenonError(error) ? error : undefined;
  const code = known?.code ?? "UNEXPECTED";
  const diagnostics = known?.diagnostics ?? [];
  if (diagnostics.length === 0) return [{ level: "error", code, where, text: messageOf(error) }];
  return diagnostics.map((entry) => ({
    level: "error",
    code,
    where,
    text: [subjectAndText(entry), ...(entry.notes ?? [])].join("\n"),
    diagnostic: entry,
  }));
}

function subjectAndText({ path, text }: Diagnostic): string {
  return path === undefined || path === "" ? text : `${path}: ${text}`;
}
