import {
  type AccessNeed,
  type ApplyNeeds,
  type KubeClient,
  formatRule,
  reviewAccess,
  rolesOf,
} from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import type { Findings } from "./check-report.ts";

/** Checks whether the server serves all kinds. */
export function checkKinds({ unknown, defined }: ApplyNeeds, findings: Findings): void {
  for (const { apiVersion, kind } of unknown) {
    const hint = "Install its CustomResourceDefinition first, or add it to the module";
    findings.add("kinds", "failed", `${kind} of ${apiVersion} is not served`, hint);
  }
  if (unknown.length > 0) return;
  const own = defined.map(({ kind }) => kind).join(", ");
  const note = own === "" ? "" : `; ${own} with the definitions that come along`;
  findings.add("kinds", "ok", `all are served${note}`);
}

/** Checks whether the user has rights: those that are needed, and those that are of use. */
export async function checkAccess(
  { signal }: DeployContext,
  client: KubeClient,
  request: { readonly access: readonly AccessNeed[]; readonly findings: Findings },
): Promise<void> {
  const { access, findings } = request;
  const reviewed = await findings.attempt("access", () => reviewAccess(client, access, { signal }));
  if (reviewed === undefined) return;
  const missing = reviewed.filter(({ allowed }) => !allowed).map(({ need }) => need);
  const needed = missing.filter(({ otherwise }) => otherwise === undefined);
  for (const rule of rulesOf(needed)) {
    findings.items.push({
      check: "access",
      result: "failed",
      message: `may not ${formatRule(rule, rule.namespace)}`,
      code: "KUBE_FORBIDDEN",
      hint: `Needs ${ruleText(rule)}`,
      missing: rule,
    });
  }
  for (const consequence of new Set(missing.map(({ otherwise }) => otherwise))) {
    if (consequence === undefined) continue;
    const rules = rulesOf(missing.filter(({ otherwise }) => otherwise === consequence));
    const texts = rules.map((rule) => formatRule(rule, rule.namespace));
    findings.add("access", "warning", `may not ${texts.join("; ")}: ${consequence}`);
  }
  if (needed.length > 0) return;
  const all = access.filter(({ otherwise }) => otherwise === undefined).length;
  findings.add("access", "ok", `all ${all} rights that are needed`);
}

type PlacedRule = NonNullable<Findings["items"][number]["missing"]>;

function rulesOf(needs: readonly AccessNeed[]): PlacedRule[] {
  return rolesOf({ role: "", clusterRole: "" }, needs).flatMap(({ metadata, rules }) =>
    rules.map((rule) => ({ ...rule, namespace: metadata.namespace })),
  );
}

/** A rule as one line of YAML, to be pasted into a role. */
function ruleText({ apiGroups, resources, verbs, namespace }: PlacedRule): string {
  const list = (words: readonly string[]): string =>
    `[${words.map((word) => word || '""').join(", ")}]`;
  const rule = `- {apiGroups: ${list(apiGroups)}, resources: ${list(resources)}, verbs: ${list(verbs)}}`;
  return `${rule} in a ${namespace === undefined ? "ClusterRole" : `Role in ${namespace}`}`;
}
