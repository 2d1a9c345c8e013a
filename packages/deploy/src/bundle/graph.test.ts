import { type ResourceSet, hasCode, isTenonError, kubeObject } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { type GraphInstance, instanceGraph, namesOf } from "./graph.ts";

describe("instanceGraph()", () => {
  it("takes over what is declared, in the order of declaration", () => {
    const graph = instanceGraph("shop", [
      instance("web", { dependsOn: ["redis", "db"] }),
      instance("redis"),
      instance("db"),
    ]);
    expect([...namesOf(graph)]).toEqual([
      ["web", ["redis", "db"]],
      ["redis", []],
      ["db", []],
    ]);
  });

  it("puts custom resources behind the definition of their kind, whatever the version", () => {
    const graph = instanceGraph("shop", [
      instance("app", { objects: [object("example.com/v1beta1", "Database", "main")] }),
      instance("operator", { objects: [definition("example.com", "Database")] }),
      instance("other", { objects: [object("example.org/v1", "Database", "main")] }),
    ]);
    expect(graph.get("app")).toEqual([
      {
        from: "app",
        to: "operator",
        reasons: [{ type: "kind", group: "example.com", kind: "Database" }],
      },
    ]);
    expect(graph.get("other")).toEqual([]);
  });

  it("puts instances behind the namespace that they or their objects are in", () => {
    const graph = instanceGraph("shop", [
      instance("inside", { namespace: "shop" }),
      instance("reaching", { objects: [object("v1", "ConfigMap", "settings", "shop")] }),
      instance("spaces", { objects: [object("v1", "Namespace", "shop")] }),
    ]);
    const reasons = [{ type: "namespace", namespace: "shop" }];
    expect(graph.get("inside")).toEqual([{ from: "inside", to: "spaces", reasons }]);
    expect(graph.get("reaching")).toEqual([{ from: "reaching", to: "spaces", reasons }]);
    expect(graph.get("spaces")).toEqual([]);
  });

  it("needs nobody for what an instance brings itself", () => {
    const both = [definition("example.com", "Database"), object("v1", "Namespace", "default")];
    const graph = instanceGraph("shop", [
      instance("a", { objects: [...both, object("example.com/v1", "Database", "a")] }),
      instance("b", { objects: [...both, object("example.com/v1", "Database", "b")] }),
    ]);
    expect([...namesOf(graph).values()]).toEqual([[], []]);
  });

  it("collects all reasons of one edge", () => {
    const graph = instanceGraph("shop", [
      instance("web", { namespace: "shop", dependsOn: ["base"] }),
      instance("base", { objects: [object("v1", "Namespace", "shop")] }),
    ]);
    expect(graph.get("web")?.[0]?.reasons.map(({ type }) => type)).toEqual([
      "declared",
      "namespace",
    ]);
  });

  it("shows a cycle with the reason of each edge, found ones included", () => {
    const error = errorOf(() =>
      instanceGraph("shop", [
        instance("start", { dependsOn: ["app"] }),
        instance("app", { objects: [object("example.com/v1", "Database", "main")] }),
        instance("operator", {
          namespace: "system",
          objects: [definition("example.com", "Database")],
        }),
        instance("spaces", { dependsOn: ["app"], objects: [object("v1", "Namespace", "system")] }),
      ]),
    );
    expect(hasCode(error, "DEPLOY_DEPENDENCY_CYCLE")).toBe(true);
    expect(error.message).toMatchInlineSnapshot(
      `"Cannot order bundle shop: its instances need each other: app → operator → spaces → app"`,
    );
    expect(isTenonError(error) && error.diagnostics.map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "app needs operator, which defines kind Database.example.com",
        "operator needs spaces, which has namespace system",
        "spaces needs app, declared in dependsOn",
      ]
    `);
  });

  it("rejects an instance that depends on itself", () => {
    const error = errorOf(() => instanceGraph("shop", [instance("web", { dependsOn: ["web"] })]));
    expect(hasCode(error, "DEPLOY_DEPENDENCY_CYCLE")).toBe(true);
    expect(error.message).toContain("web → web");
  });

  it("rejects names that are not in the bundle and says which was meant", () => {
    const position = { file: "bundle.cue", line: 3, column: 5 };
    const instances = [instance("web", { dependsOn: ["redsi"], position }), instance("redis")];
    const error = errorOf(() => instanceGraph("shop", instances));
    expect(error).toMatchObject({
      code: "DEPLOY_DEPENDENCY_UNKNOWN",
      message:
        "Cannot order bundle shop: instance web depends on redsi, which is not in the bundle",
      hint: "Did you mean redis?",
      diagnostics: [{ positions: [position] }],
    });
  });

  it("orders a thousand instances in a chain", () => {
    const chain = Array.from({ length: 1000 }, (_, index) =>
      instance(`i${index}`, { dependsOn: index === 0 ? [] : [`i${index - 1}`] }),
    );
    expect(instanceGraph("shop", chain.toReversed()).size).toBe(1000);
  });
});

function instance(
  name: string,
  more: Partial<Omit<GraphInstance, "name" | "sets">> & {
    readonly objects?: readonly ReturnType<typeof object>[];
  } = {},
): GraphInstance {
  const { objects = [], ...rest } = more;
  const sets: ResourceSet[] = [{ name: "app", objects }];
  return { name, namespace: "default", dependsOn: [], sets, ...rest };
}

function object(apiVersion: string, kind: string, name: string, namespace?: string) {
  return kubeObject(JSON.stringify({ apiVersion, kind, metadata: { name, namespace } }));
}

function definition(group: string, kind: string) {
  const name = `${kind.toLowerCase()}s.${group}`;
  const apiVersion = "apiextensions.k8s.io/v1";
  const spec = { group, names: { kind } };
  const view = { apiVersion, kind: "CustomResourceDefinition", metadata: { name }, spec };
  return kubeObject(JSON.stringify(view));
}

function errorOf(task: () => unknown): Error {
  try {
    task();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not throw");
}
