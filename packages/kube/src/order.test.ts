import type { ObjectRef } from "@tenon/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { groupByKind, inApplyOrder, stagesOf } from "./order.ts";

function ref(kind: string, name = "x", namespace?: string, apiVersion = "v1"): ObjectRef {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

const id = (entry: ObjectRef): ObjectRef => entry;

describe("inApplyOrder()", () => {
  it("puts what others need first and webhooks last", () => {
    const kinds = [
      "ValidatingWebhookConfiguration",
      "Zebra",
      "Deployment",
      "Service",
      "Secret",
      "ConfigMap",
      "RoleBinding",
      "ServiceAccount",
      "GatewayClass",
      "ClusterRole",
      "Namespace",
      "CustomResourceDefinition",
      "MutatingWebhookConfiguration",
      "Apple",
      "PodDisruptionBudget",
    ];
    expect(
      inApplyOrder(
        kinds.map((kind) => ref(kind)),
        id,
      ).map(({ kind }) => kind),
    ).toEqual([
      "CustomResourceDefinition",
      "Namespace",
      "ClusterRole",
      "GatewayClass",
      "ServiceAccount",
      "RoleBinding",
      "ConfigMap",
      "Secret",
      "Service",
      "Deployment",
      "PodDisruptionBudget",
      "Apple",
      "Zebra",
      "MutatingWebhookConfiguration",
      "ValidatingWebhookConfiguration",
    ]);
  });

  it("orders by group, kind, namespace and name otherwise", () => {
    const refs = [
      ref("B", "x", undefined, "b.io/v1"),
      ref("Z", "x", undefined, "a.io/v1"),
      ref("A", "b", "n"),
      ref("A", "a", "n"),
      ref("A", "z", "m"),
    ];
    expect(
      inApplyOrder(refs, id).map((r) => [r.apiVersion, r.kind, r.namespace, r.name].join(" ")),
    ).toEqual(["v1 A m z", "v1 A n a", "v1 A n b", "a.io/v1 Z  x", "b.io/v1 B  x"]);
  });

  it("does not depend on the order of its input", () => {
    const refs = fc.record({
      kind: fc.constantFrom("Secret", "Role", "Foo", "Bar"),
      apiVersion: fc.constantFrom("v1", "a/v1", "b/v1"),
      namespace: fc.constantFrom("a", "b"),
      name: fc.constantFrom("x", "y", "z"),
    });
    const input = fc.uniqueArray(refs, { selector: (r) => JSON.stringify(r) });
    fc.assert(
      fc.property(input, fc.func(fc.integer()), (list, key) => {
        const shuffled = list.toSorted((a, b) => key(a) - key(b));
        expect(inApplyOrder(shuffled, id)).toEqual(inApplyOrder(list, id));
      }),
    );
  });
});

describe("stagesOf()", () => {
  it("separates definitions, classes and roles from the rest", () => {
    const rbac = "rbac.authorization.k8s.io/v1";
    const refs = [
      ref("Deployment", "d", "n", "apps/v1"),
      ref("Role", "r", "n", rbac),
      ref("IngressClass", "i"),
      ref("ClusterRole", "c", undefined, rbac),
      ref("ServiceAccount", "s", "n"),
    ];
    const names = (entries: ObjectRef[]): unknown[] =>
      stagesOf(entries, id).map((stage) => [
        stage.name,
        stage.blocking,
        stage.entries.map(({ kind }) => kind),
      ]);
    expect(names(refs)).toEqual([
      ["definitions", true, ["ClusterRole"]],
      ["classes", true, ["IngressClass"]],
      ["accounts", false, ["Role"]],
      ["rest", false, ["ServiceAccount", "Deployment"]],
    ]);
    expect(names([...refs, ref("Pod", "p", "n")]).toString()).toContain(
      "accounts,false,ServiceAccount,Role",
    );
  });
});

describe("groupByKind()", () => {
  it("splits where the kind changes", () => {
    const groups = groupByKind([ref("A", "1"), ref("A", "2"), ref("B"), ref("A", "3")], id);
    expect(groups.map((group) => group.map(({ name }) => name))).toEqual([
      ["1", "2"],
      ["x"],
      ["3"],
    ]);
  });
});
