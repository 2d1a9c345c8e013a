import { printable } from "@tenon/core";
import type { CheckItem, CheckReport } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { isNamed } from "./bundle-place.ts";
import type { Paint } from "./paint.ts";

/** `--print-role`. */
export const printRoleFlag = {
  type: "boolean",
  summary: "Print roles with exactly the rights that an apply makes use of, as YAML",
} as const;

/** The result of `check`: a line for each finding, and 1 as exit code when one has failed. */
export function checkResult(
  reports: readonly CheckReport[],
  { paint }: Pick<CommandContext, "paint">,
): CommandResult {
  const items = reports.flatMap((report) => report.items);
  const count = (result: CheckItem["result"]): number =>
    items.filter((item) => item.result === result).length;
  const [failed, warnings] = [count("failed"), count("warning")];
  const lines = reports.flatMap((report) => reportLines(report, reports.length > 1, paint));
  const verdict = failed > 0 ? paint.red(`${failed} failed`) : paint.green("nothing failed");
  const note = warnings > 0 ? `, ${warnings} ${warnings === 1 ? "warning" : "warnings"}` : "";
  return {
    data: { ok: failed === 0, checks: reports.map(reportData) },
    text: [...lines, `${verdict}${note}`].join("\n"),
    exitCode: failed > 0 ? 1 : 0,
  };
}

/** The roles that grant what the reports name, as YAML documents. */
export async function rolesResult(reports: readonly CheckReport[]): Promise<CommandResult> {
  const [{ rolesOf }, { yamlText }] = await Promise.all([
    import("@tenon/kube"),
    import("./yaml-text.ts"),
  ]);
  const named = reports.filter(({ instance }) => instance !== undefined);
  const name = named.length === 1 ? named[0]!.instance! : "bundle";
  const namespace = named.length === 1 ? `${named[0]!.namespace}-` : "";
  const names = { role: `tenon-${name}`, clusterRole: `tenon-${namespace}${name}` };
  const roles = rolesOf(
    names,
    reports.flatMap(({ access }) => access),
  );
  return { raw: roles.map((role) => `---\n${yamlText(role)}`).join("") };
}

function reportLines(
  { cluster, instance, namespace, items }: CheckReport,
  several: boolean,
  paint: Paint,
): string[] {
  const on = cluster === undefined || !isNamed(cluster) ? "" : ` on ${printable(cluster)}`;
  const title =
    instance === undefined ? `cluster${on}` : `instance ${instance} in ${namespace}${on}`;
  const head = several ? [paint.bold(printable(title))] : [];
  return [...head, ...items.flatMap((item) => itemLines(item, paint))];
}

const width = { result: "warning".length, check: "namespace".length };

function itemLines({ check, result, message, hint, code }: CheckItem, paint: Paint): string[] {
  const colour = { ok: paint.green, warning: paint.yellow, failed: paint.red }[result];
  const start = `${colour(result.padEnd(width.result))}  ${check.padEnd(width.check)}  `;
  const indent = " ".repeat(width.result + width.check + 4);
  const [first = "", ...more] = message.split("\n");
  return [
    `${start}${printable(first)}${code === undefined ? "" : paint.dim(` [${code}]`)}`,
    ...more.map((line) => `${indent}${printable(line)}`),
    ...(hint === undefined ? [] : [`${indent}${paint.cyan("hint:")} ${printable(hint)}`]),
  ];
}

function reportData({ access, ...report }: CheckReport): unknown {
  return {
    ...report,
    access: access.map(({ verb, group, resource, namespace }) => ({
      verb,
      group,
      resource,
      namespace,
    })),
  };
}
