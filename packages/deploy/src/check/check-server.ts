import { type KubeClient, whoAmI } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import type { Findings } from "./check-report.ts";

/** Minor versions of Kubernetes 1. */
const versions = {
  /** Server-side apply is stable. */
  oldest: 22,
  /** All kinds are told in two calls. */
  aggregated: 27,
  /** The newest that this version of Tenon is tested with. */
  newest: 36,
};

/** Differences of clocks that tokens and certificates bear. */
const tolerableSkew = 10_000;

/**
 * Checks whether a cluster answers, which version it has, whether its clock is ours and who we are
 * to it. Its version comes back when it answers.
 */
export async function checkServer(
  { signal }: DeployContext,
  client: KubeClient,
  findings: Findings,
): Promise<string | undefined> {
  const version = await findings.attempt("server", () => client.version({ signal }));
  if (version === undefined) return undefined;
  const { server, context } = client.connection;
  findings.add("server", "ok", `${server}${context === undefined ? "" : ` (context ${context})`}`);
  checkVersion(version.gitVersion, findings);
  checkClock(client, findings);
  await checkUser(client, findings, { signal });
  return version.gitVersion.replace(/^v/, "");
}

function checkVersion(gitVersion: string, findings: Findings): void {
  const [, major = "1", minor = "0"] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  const text = `Kubernetes ${gitVersion.replace(/^v/, "")}`;
  const number = major === "1" ? Number(minor) : Number.POSITIVE_INFINITY;
  const { oldest, aggregated, newest } = versions;
  if (number < oldest) {
    const hint = `Tenon needs server-side apply, which is stable from Kubernetes 1.${oldest} on`;
    findings.add("version", "failed", `${text} is too old`, hint);
  } else if (number < aggregated) {
    const hint = "Every group of kinds is asked for by itself";
    findings.add("version", "warning", `${text} has no aggregated discovery`, hint);
  } else if (number > newest) {
    const message = `${text} is newer than 1.${newest}, the newest that this Tenon is tested with`;
    findings.add("version", "warning", message);
  } else {
    findings.add("version", "ok", text);
  }
}

function checkClock(client: KubeClient, findings: Findings): void {
  const skew = client.now() - client.clock.now();
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= tolerableSkew) {
    findings.add("clock", "ok", seconds < 3 ? "as here" : `${seconds} s from here`);
    return;
  }
  const direction = skew > 0 ? "ahead of" : "behind";
  const hint = "Set the clocks: tokens and certificates may be refused otherwise";
  findings.add("clock", "warning", `${seconds} s ${direction} the clock here`, hint);
}

async function checkUser(
  client: KubeClient,
  findings: Findings,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const asked = { answered: false };
  const user = await findings.attempt("user", async () => {
    const found = await whoAmI(client, options);
    asked.answered = true;
    return found;
  });
  if (!asked.answered) return;
  if (user === undefined) {
    findings.add("user", "ok", "not told by this cluster");
    return;
  }
  const groups = user.groups.filter((group) => group !== "system:authenticated");
  findings.add("user", "ok", [user.name, ...groups.map((group) => `group ${group}`)].join(", "));
}
