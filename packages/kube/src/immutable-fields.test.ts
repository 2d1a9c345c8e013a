import { describe, expect, it } from "vitest";

import { isImmutableChange } from "./immutable-fields.ts";

describe("isImmutableChange()", () => {
  it.each<[apiVersion: string, kind: string, refused: string[], taken: string[]]>([
    [
      "apps/v1",
      "Deployment",
      ["spec.selector.matchLabels.app", 'spec.selector.matchLabels["a/b"]'],
      ["spec.replicas", "spec.template.spec.containers[web].image", "metadata.labels.app"],
    ],
    [
      "apps/v1",
      "StatefulSet",
      ["spec.serviceName", "spec.volumeClaimTemplates[0].spec.resources.requests.storage"],
      ["spec.replicas", "spec.template.metadata.labels.app", "spec.minReadySeconds"],
    ],
    [
      "batch/v1",
      "Job",
      ["spec.template.spec.containers[main].image", "spec.completions"],
      ["spec.parallelism", "spec.suspend", "spec.backoffLimit", "spec.ttlSecondsAfterFinished"],
    ],
    ["batch/v1", "CronJob", [], ["spec.jobTemplate.spec.template.spec.containers[main].image"]],
    ["v1", "Service", ["spec.clusterIP"], ["spec.type", "spec.selector.app", "spec.ports[80]"]],
    [
      "v1",
      "PersistentVolumeClaim",
      ["spec.storageClassName", "spec.accessModes"],
      ["spec.resources.requests.storage", "metadata.labels.app"],
    ],
    ["v1", "Pod", ["spec.containers[a].env[X].value"], ["spec.containers[a].image"]],
    ["v1", "Secret", ["type"], ["data.password", "immutable"]],
    ["v1", "ConfigMap", [], ["data.a"]],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", ["roleRef.name"], ["subjects[0].name"]],
    ["example.com/v1", "Deployment", [], ["spec.selector.matchLabels.app"]],
  ])("knows %s %s", (apiVersion, kind, refused, taken) => {
    const isRefused = (path: string): boolean => isImmutableChange({ apiVersion, kind }, { path });
    expect([...refused, ...taken].filter(isRefused)).toEqual(refused);
  });

  it("refuses data of what is sealed", () => {
    const refused = (kind: string, path: string): boolean =>
      isImmutableChange({ apiVersion: "v1", kind }, { path }, { sealed: true });
    expect(refused("ConfigMap", "data.a")).toBe(true);
    expect(refused("Secret", "immutable")).toBe(true);
    expect(refused("ConfigMap", "metadata.labels.app")).toBe(false);
    expect(refused("Service", "data.a")).toBe(false);
  });
});
