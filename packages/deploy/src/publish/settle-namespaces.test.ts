import { kubeObject } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { settleNamespaces } from "./settle-namespaces.ts";

const object = (apiVersion: string, kind: string, namespace?: string) =>
  kubeObject(JSON.stringify({ apiVersion, kind, metadata: { name: "x", namespace } }));

const definition = (kind: string, scope: string) =>
  kubeObject(
    JSON.stringify({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "x" },
      spec: { group: "example.com", names: { kind }, scope },
    }),
  );

describe("settleNamespaces()", () => {
  it("writes the namespace of the instance where it is missing, and removes it where it has none to be", async () => {
    const settled = await settleNamespaces([
      {
        namespace: "apps",
        objects: [
          definition("Roof", "Namespaced"),
          definition("Planet", "Cluster"),
          object("v1", "ConfigMap"),
          object("v1", "ConfigMap", "other"),
          object("rbac.authorization.k8s.io/v1", "ClusterRole", "apps"),
        ],
      },
      {
        namespace: "shop",
        objects: [
          object("example.com/v1", "Roof"),
          object("example.com/v1", "Planet", "shop"),
          object("unknown.example.com/v1", "Thing"),
          object("unknown.example.com/v1", "Thing", "shop"),
        ],
      },
    ]);
    expect(settled.map(({ view }) => [view.kind, view.metadata.namespace])).toEqual([
      ["CustomResourceDefinition", undefined],
      ["CustomResourceDefinition", undefined],
      ["ConfigMap", "apps"],
      ["ConfigMap", "other"],
      ["ClusterRole", undefined],
      ["Roof", "shop"],
      ["Planet", undefined],
      ["Thing", undefined],
      ["Thing", "shop"],
    ]);
  });
});
