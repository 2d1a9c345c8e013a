import type { KubeObjectView } from "@tenon/core";
import {
  type KubeClient,
  createKubeClient,
  diffObjects,
  getObject,
  isImmutableChange,
  isKubeError,
  loadKubeConfig,
  resourcePath,
} from "@tenon/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sharedCluster } from "../support/shared-cluster.ts";
import { needs } from "../support/tools.ts";

type Json = { readonly [key: string]: unknown };

interface Case {
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: Json;
  /** JSON merge patches, each with one change. */
  readonly changes: readonly Json[];
}

const labels = { app: "immutable" };
const pod = { metadata: { labels }, spec: { containers: [{ name: "a", image: "example.com/a" }] } };
const selector = { matchLabels: labels };
const otherPod = { metadata: { labels: { ...labels, tier: "b" } } };
const claim = {
  accessModes: ["ReadWriteOnce"],
  storageClassName: "a",
  resources: { requests: { storage: "1Gi" } },
};
const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };

const cases: readonly Case[] = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    object: { spec: { replicas: 0, selector, template: pod } },
    changes: [
      { spec: { replicas: 1 } },
      { spec: { template: otherPod } },
      { spec: { selector: { matchLabels: { tier: "b" } }, template: otherPod } },
    ],
  },
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    object: { spec: { selector, template: pod } },
    changes: [
      { spec: { minReadySeconds: 1 } },
      { spec: { selector: { matchLabels: { tier: "b" } }, template: otherPod } },
    ],
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    object: {
      spec: {
        replicas: 0,
        serviceName: "a",
        selector,
        template: pod,
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claim }],
      },
    },
    changes: [
      { spec: { replicas: 1 } },
      { spec: { template: otherPod } },
      { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
      { spec: { minReadySeconds: 1 } },
      { spec: { revisionHistoryLimit: 2 } },
      { spec: { ordinals: { start: 1 } } },
      { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } } },
      { spec: { serviceName: "b" } },
      { spec: { podManagementPolicy: "Parallel" } },
      { spec: { volumeClaimTemplates: [] } },
      { spec: { selector: { matchLabels: { tier: "b" } }, template: otherPod } },
    ],
  },
  {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    object: { spec: { replicas: 0, selector, template: pod } },
    changes: [
      { spec: { template: otherPod } },
      { spec: { selector: { matchLabels: { tier: "b" } }, template: otherPod } },
    ],
  },
  {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    object: { revision: 1, data: { a: "a" } },
    changes: [{ revision: 2 }, { data: { a: "b" } }],
  },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    object: {
      spec: { suspend: true, template: { spec: { ...pod.spec, restartPolicy: "Never" } } },
    },
    changes: [
      { spec: { parallelism: 2 } },
      { spec: { suspend: false } },
      { spec: { backoffLimit: 1 } },
      { spec: { activeDeadlineSeconds: 60 } },
      { spec: { ttlSecondsAfterFinished: 60 } },
      { spec: { completions: 3 } },
      { spec: { template: { spec: { hostNetwork: true } } } },
      { spec: { podReplacementPolicy: "Failed" } },
      { spec: { managedBy: "example.com/b" } },
      { spec: { completionMode: "Indexed", completions: 1 } },
      {
        spec: {
          podFailurePolicy: {
            rules: [{ action: "Count", onExitCodes: { operator: "In", values: [1] } }],
          },
        },
      },
    ],
  },
  {
    apiVersion: "v1",
    kind: "Service",
    object: { spec: { selector: labels, ports: [{ port: 80 }] } },
    changes: [
      { spec: { selector: { tier: "b" } } },
      { spec: { type: "NodePort" } },
      { spec: { ports: [{ port: 81 }] } },
      { spec: { sessionAffinity: "ClientIP" } },
      { spec: { clusterIP: "None" } },
    ],
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    object: { spec: claim },
    changes: [
      { metadata: { labels } },
      { spec: { storageClassName: "b" } },
      { spec: { accessModes: ["ReadWriteMany"] } },
      { spec: { volumeName: "b", storageClassName: "b" } },
    ],
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolume",
    object: {
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: "/tmp/a" },
        storageClassName: "a",
      },
    },
    changes: [
      { spec: { persistentVolumeReclaimPolicy: "Delete" } },
      { spec: { capacity: { storage: "2Gi" } } },
      { spec: { accessModes: ["ReadWriteMany"] } },
      { spec: { hostPath: { path: "/tmp/b" } } },
      { spec: { volumeMode: "Block" } },
    ],
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    object: { spec: { containers: [{ name: "a", image: "example.com/a" }], nodeName: "none" } },
    changes: [
      { spec: { containers: [{ name: "a", image: "example.com/b" }] } },
      { spec: { activeDeadlineSeconds: 60 } },
      { spec: { serviceAccountName: "b" } },
      { spec: { containers: [{ name: "a", image: "example.com/a", command: ["b"] }] } },
    ],
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    object: { type: "Opaque", data: { a: "YQ==" } },
    changes: [{ data: { a: "Yg==" } }, { immutable: true }, { type: "example.com/b" }],
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    object: { data: { a: "a" } },
    changes: [{ data: { a: "b" } }, { immutable: true }],
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    object: { immutable: true, data: { a: "a" } },
    changes: [{ data: { a: "b" } }, { immutable: false }, { metadata: { labels } }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    object: { roleRef: role, subjects: [] },
    changes: [
      { roleRef: { name: "edit" } },
      { subjects: [{ kind: "ServiceAccount", name: "b", namespace: "default" }] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    object: { roleRef: role, subjects: [] },
    changes: [{ roleRef: { name: "edit" } }],
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    object: { provisioner: "example.com/a", parameters: { a: "a" } },
    changes: [
      { allowVolumeExpansion: true },
      { provisioner: "example.com/b" },
      { parameters: { a: "b" } },
      { reclaimPolicy: "Retain" },
      { volumeBindingMode: "WaitForFirstConsumer" },
    ],
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttributesClass",
    object: { driverName: "a.example.com", parameters: { a: "a" } },
    changes: [{ driverName: "b.example.com" }, { parameters: { a: "b" } }],
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    object: { spec: { attachRequired: true } },
    changes: [
      { spec: { attachRequired: false } },
      { spec: { volumeLifecycleModes: ["Ephemeral"] } },
      { spec: { requiresRepublish: true } },
    ],
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    object: { value: 1 },
    changes: [{ description: "b" }, { value: 2 }, { preemptionPolicy: "Never" }],
  },
  {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    object: { handler: "a" },
    changes: [{ handler: "b" }],
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    object: { spec: { controller: "example.com/a" } },
    changes: [{ spec: { controller: "example.com/b" } }],
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    object: { addressType: "IPv4", endpoints: [] },
    changes: [{ addressType: "FQDN" }],
  },
];

const tools = needs("TENON_TEST_CLUSTER");

describe.skipIf(tools.missing)(`isImmutableChange() and the API server${tools.reason}`, () => {
  const namespace = "immutable-fields";
  let client: KubeClient;

  beforeAll(async () => {
    const { kubeconfig } = sharedCluster();
    client = createKubeClient(await loadKubeConfig({ env: {}, kubeconfig }), {
      userAgent: "tenon-test",
    });
    const body = JSON.stringify({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace },
    });
    await client.request({ method: "POST", path: "/api/v1/namespaces", body });
  });
  afterAll(() => client?.close());

  it.each(cases.map((entry, index) => ({ ...entry, name: `immutable-${index}.example.com` })))(
    "agree on what can change in a $kind",
    async ({ apiVersion, kind, object, changes, name }) => {
      const resource = await client.discovery.get(apiVersion, kind);
      const place = resource.namespaced ? namespace : undefined;
      const dnsName = kind === "CSIDriver" ? name : name.replaceAll(".", "-");
      const path = resourcePath(resource, place, dnsName);
      const made = { apiVersion, kind, metadata: { name: dnsName }, ...object };
      await client.request({
        method: "POST",
        path: path.slice(0, path.lastIndexOf("/")),
        body: JSON.stringify(made),
      });
      const live = await getObject(client, resource, {
        apiVersion,
        kind,
        namespace: place,
        name: dnsName,
      });
      const verdicts = await Promise.all(
        changes.map(async (change) => ({ change, refused: await isRefused(path, change) })),
      );
      const sealed = object["immutable"] === true;
      expect(
        changes.map((change) => ({
          change,
          refused: diffObjects(live!, merged(live, change) as KubeObjectView).some((field) =>
            isImmutableChange({ apiVersion, kind }, field, { sealed }),
          ),
        })),
      ).toEqual(verdicts);
    },
  );

  async function isRefused(path: string, change: Json): Promise<boolean> {
    try {
      await client.request({
        method: "PATCH",
        path,
        query: { dryRun: "All" },
        body: JSON.stringify(change),
        contentType: "application/merge-patch+json",
      });
      return false;
    } catch (error) {
      if (isKubeError(error, "KUBE_INVALID", "KUBE_IMMUTABLE")) return true;
      throw error;
    }
  }
});

/** RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base = isObject(target) ? target : {};
  const changed = Object.entries(patch).map(([key, value]) => [key, merged(base[key], value)]);
  return { ...base, ...Object.fromEntries(changed) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
