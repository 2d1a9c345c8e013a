import { type KubeObject, kubeObject } from "@tenon/core";
import { IMAGE_LAYER } from "@tenon/oci";

import type { PublishedRender } from "./publish-render.ts";

/** What applies a pushed render. */
export type GitOpsController = "flux" | "argocd";

/** What is to be applied, and how. */
export interface GitOpsRequest {
  readonly controller: GitOpsController;
  /** Name of the objects. */
  readonly name: string;
  /** Namespace of the objects; `flux-system` or `argocd` unless given. */
  readonly namespace?: string | undefined;
  readonly render: Pick<PublishedRender, "repository" | "tag" | "digest">;
  /** Whether to apply this very render, or whatever the tag points to. */
  readonly pin: "digest" | "tag";
  /** Namespaces that the instances go to. */
  readonly namespaces: readonly string[];
  /** The registry is not reached by verified TLS. */
  readonly insecure: boolean;
}

/**
 * The objects that have a controller apply a pushed render and keep it applied: `OCIRepository` and
 * `Kustomization` of Flux (source.toolkit.fluxcd.io/v1, kustomize.toolkit.fluxcd.io/v1), or an
 * `Application` of Argo CD 3.1 or newer.
 */
export function gitOpsObjects(request: GitOpsRequest): KubeObject[] {
  const objects = request.controller === "flux" ? fluxObjects(request) : [application(request)];
  return objects.map((object) => kubeObject(JSON.stringify(object)));
}

function fluxObjects(request: GitOpsRequest): object[] {
  const { name, namespace = "flux-system", render, pin, insecure } = request;
  const metadata = { name, namespace };
  const repository = {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "OCIRepository",
    metadata,
    spec: {
      interval: "10m",
      url: `oci://${render.repository}`,
      ref: { [pin]: render[pin] },
      layerSelector: { mediaType: IMAGE_LAYER, operation: "extract" },
      ...(insecure && { insecure }),
    },
  };
  const kustomization = {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata,
    spec: {
      interval: "10m",
      retryInterval: "1m",
      timeout: "5m",
      sourceRef: { kind: "OCIRepository", name },
      path: "./",
      prune: true,
      wait: true,
    },
  };
  return [repository, kustomization];
}

function application(request: GitOpsRequest): object {
  const { name, namespace = "argocd", render, pin, namespaces } = request;
  // Argo CD creates one namespace alone.
  const [destination, ...others] = new Set(namespaces);
  const isAlone = destination !== undefined && others.length === 0;
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name, namespace },
    spec: {
      project: "default",
      source: {
        repoURL: `oci://${render.repository}`,
        targetRevision: render[pin],
        path: ".",
      },
      destination: {
        server: "https://kubernetes.default.svc",
        ...(isAlone && { namespace: destination }),
      },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: [...(isAlone ? ["CreateNamespace=true"] : []), "ServerSideApply=true"],
      },
    },
  };
}
