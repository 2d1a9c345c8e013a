import { describe, expect, it } from "vitest";

import { distinctNeeds, needsOf } from "./access.ts";
import { formatRule, rolesOf } from "./roles-of.ts";

describe("rolesOf()", () => {
  const apps = { group: "apps", namespace: "shop" };
  const needs = [
    ...needsOf({ ...apps, resource: "statefulsets" }, ["watch", "get"]),
    ...needsOf({ ...apps, resource: "deployments" }, ["get", "watch"]),
    ...needsOf({ group: "", resource: "pods/log", namespace: "shop" }, ["get"]),
    ...needsOf({ group: "", resource: "namespaces" }, ["create"]),
  ];

  it("makes a role for each namespace and one for the cluster, with few rules", () => {
    expect(rolesOf({ role: "web", clusterRole: "shop-web" }, needs)).toEqual([
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "web", namespace: "shop" },
        rules: [
          { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
          {
            apiGroups: ["apps"],
            resources: ["deployments", "statefulsets"],
            verbs: ["get", "watch"],
          },
        ],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "shop-web" },
        rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["create"] }],
      },
    ]);
  });
});

describe("distinctNeeds()", () => {
  it("keeps the need where one can also do without", () => {
    const on = { group: "", resource: "secrets", namespace: "shop" };
    const [optional] = needsOf({ ...on, otherwise: "less is told" }, ["get"]);
    const [needed] = needsOf(on, ["get"]);
    expect(distinctNeeds([optional!, needed!])).toEqual([needed]);
    expect(distinctNeeds([needed!, optional!])).toEqual([needed]);
  });
});

describe("formatRule()", () => {
  it.each([
    [{ apiGroups: [""], resources: ["pods/log"], verbs: ["get"] }, "shop", "get pods/log in shop"],
    [
      { apiGroups: ["apps"], resources: ["deployments", "replicasets"], verbs: ["get", "list"] },
      undefined,
      "get, list deployments.apps, replicasets.apps",
    ],
  ])("names %j in %s", (rule, namespace, text) => {
    expect(formatRule(rule, namespace)).toBe(text);
  });
});
