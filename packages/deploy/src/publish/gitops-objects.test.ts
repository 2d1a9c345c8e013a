import { describe, expect, it } from "vitest";

import { type GitOpsRequest, gitOpsObjects } from "./gitops-objects.ts";

const digest = `sha256:${"a".repeat(64)}`;
const request: GitOpsRequest = {
  controller: "flux",
  name: "web",
  render: { repository: "ghcr.io/org/web", tag: "1.2.0", digest },
  pin: "digest",
  namespaces: ["apps"],
  insecure: false,
};

const viewsOf = (changes: Partial<GitOpsRequest>) =>
  gitOpsObjects({ ...request, ...changes }).map(({ view }) => view);

describe("gitOpsObjects()", () => {
  it("has Flux apply the artifact by its digest", () => {
    expect(viewsOf({})).toEqual([
      {
        apiVersion: "source.toolkit.fluxcd.io/v1",
        kind: "OCIRepository",
        metadata: { name: "web", namespace: "flux-system" },
        spec: {
          interval: "10m",
          url: "oci://ghcr.io/org/web",
          ref: { digest },
          layerSelector: {
            mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
            operation: "extract",
          },
        },
      },
      {
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        metadata: { name: "web", namespace: "flux-system" },
        spec: {
          interval: "10m",
          retryInterval: "1m",
          timeout: "5m",
          sourceRef: { kind: "OCIRepository", name: "web" },
          path: "./",
          prune: true,
          wait: true,
        },
      },
    ]);
  });

  it("has Flux follow the tag, over plain HTTP", () => {
    const [repository] = viewsOf({ pin: "tag", insecure: true });
    expect(repository?.["spec"]).toMatchObject({ ref: { tag: "1.2.0" }, insecure: true });
  });

  it("has Argo CD apply the artifact by its digest and make the namespace", () => {
    expect(viewsOf({ controller: "argocd", namespaces: ["apps", "apps"] })).toEqual([
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: { name: "web", namespace: "argocd" },
        spec: {
          project: "default",
          source: { repoURL: "oci://ghcr.io/org/web", targetRevision: digest, path: "." },
          destination: { server: "https://kubernetes.default.svc", namespace: "apps" },
          syncPolicy: {
            automated: { prune: true, selfHeal: true },
            syncOptions: ["CreateNamespace=true", "ServerSideApply=true"],
          },
        },
      },
    ]);
  });

  it("names no namespace to Argo CD where instances go to several", () => {
    const several = { controller: "argocd", pin: "tag", namespaces: ["a", "b"] } as const;
    expect(viewsOf(several)[0]?.["spec"]).toMatchObject({
      source: { targetRevision: "1.2.0" },
      destination: { server: "https://kubernetes.default.svc" },
      syncPolicy: { syncOptions: ["ServerSideApply=true"] },
    });
    expect(JSON.stringify(viewsOf(several))).not.toContain('"namespace":"a"');
  });

  it.each(["flux", "argocd"] as const)("puts the objects of %s where they are wanted", (name) => {
    const objects = viewsOf({ controller: name, namespace: "team-a" });
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(["team-a"]));
  });
});
