import type { KubeObjectView } from "@tenon/core";

import {
  fluxOwnerLabels,
  helmReleaseAnnotations,
  kubectlLastApplied,
  timoniOwnerLabels,
} from "../identity.ts";
import type { ManagedFields } from "../live-object.ts";

/** A tool that instances are adopted from. */
export type ForeignTool = "timoni" | "helm" | "flux" | "kubectl";

/** The keys by which a tool marks what it manages. */
export interface Marks {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** Server-side apply calls so what had no manager before the first apply. */
const beforeFirstApply = "before-first-apply";

/**
 * Tells an entry of `managedFields` that is the tool's. Subresources are not: what was scaled by hand
 * or by an autoscaler is not taken. Neither is `kubectl rollout restart`: without its annotation the
 * pods would be replaced once more.
 */
export function isManagedBy(
  { manager = "", subresource, operation }: ManagedFields,
  tool: ForeignTool,
  more: readonly string[] = [],
): boolean {
  if (subresource) return false;
  if (more.includes(manager)) return true;
  if (manager === beforeFirstApply) return operation === "Update";
  switch (tool) {
    case "timoni":
      return manager === "timoni";
    case "helm":
      return manager.toLowerCase() === "helm" || manager.startsWith("terraform-provider-helm");
    case "flux":
      return manager === "kustomize-controller" || manager === "helm-controller";
    case "kubectl":
      return /^kubectl(-|$)/.test(manager) && manager !== "kubectl-rollout";
  }
}

/** The marks of a tool. */
export function marksOf(tool: ForeignTool): Marks {
  switch (tool) {
    case "timoni":
      return { labels: timoniOwnerLabels, annotations: [] };
    case "helm":
      return { labels: [], annotations: helmReleaseAnnotations };
    case "flux":
      return {
        labels: [...fluxOwnerLabels.kustomization, ...fluxOwnerLabels.helmRelease],
        annotations: helmReleaseAnnotations,
      };
    case "kubectl":
      return { labels: [], annotations: [kubectlLastApplied] };
  }
}

/** Who has an object by its marks, such as `apps/web`; nothing when it bears none of the tool. */
export function claimOn(view: KubeObjectView, tool: ForeignTool): string | undefined {
  const { labels, annotations } = view.metadata;
  switch (tool) {
    case "timoni":
      return claim(labels, timoniOwnerLabels);
    case "helm":
      return claim(annotations, helmReleaseAnnotations);
    case "flux": {
      const kustomization = claim(labels, fluxOwnerLabels.kustomization);
      if (kustomization !== undefined) return `Kustomization ${kustomization}`;
      const release = claim(labels, fluxOwnerLabels.helmRelease);
      return release === undefined ? undefined : `HelmRelease ${release}`;
    }
    case "kubectl":
      return undefined;
  }
}

/** The tool's name as people write it. */
export function titleOf(tool: ForeignTool): string {
  return { timoni: "Timoni", helm: "Helm", flux: "Flux", kubectl: "kubectl" }[tool];
}

function claim(
  from: Readonly<Record<string, string>> | undefined,
  [name, namespace]: readonly [string, string],
): string | undefined {
  const owner = from?.[name];
  return owner === undefined ? undefined : `${from?.[namespace] ?? ""}/${owner}`;
}
