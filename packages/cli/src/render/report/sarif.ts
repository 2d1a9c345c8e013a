import type { Position } from "@tenon/core";

import { placeOf } from "./place.ts";
import type { Finding, Report } from "./report.ts";

/**
 * A log of the Static Analysis Results Interchange Format, version 2.1.0.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifText({ version, findings, root }: Report): string {
  const rules = [...new Set(findings.map(ruleOf))].map((id) => ({ id }));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "tenon", version, rules } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, root)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf({ code }: Finding): string {
  return code ?? "warning";
}

function resultOf(finding: Finding, root: string | undefined) {
  const { level, where, text, diagnostic } = finding;
  const [first, ...others] = (diagnostic?.positions ?? []).map((at) => locationOf(at, root));
  return {
    ruleId: ruleOf(finding),
    level,
    message: { text: where === undefined ? text : `${where}: ${text}` },
    locations: first === undefined ? [] : [first],
    relatedLocations: others,
  };
}

function locationOf(position: Position, root: string | undefined) {
  const { file, line, column } = placeOf(position, root);
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: line, startColumn: column },
    },
  };
}
