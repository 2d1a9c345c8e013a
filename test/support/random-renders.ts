import { type KubeObject, type ResourceSet, kubeObject } from "@tenon/core";
import fc from "fast-check";

/** An object of a random render; `NAMESPACE` in it stands for the namespace of the instance. */
export type Sketch = Readonly<Record<string, unknown>>;

/** A render: objects by kind and name, each at most once. */
export type Render = readonly Sketch[];

/** The resource set of a render for a namespace. */
export function setOf(render: Render, namespace: string): ResourceSet {
  const objects = render.map((sketch): KubeObject => {
    return kubeObject(JSON.stringify(sketch).replaceAll("NAMESPACE", namespace));
  });
  return { name: "all", objects };
}

const meta = (name: string) => ({ name });
const small = fc.constantFrom("a", "b", "c");
const texts = fc.dictionary(fc.constantFrom("one", "two", "three", "10", "2"), small, {
  maxKeys: 4,
});
const image = fc.constantFrom("registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10");
const env = fc.uniqueArray(fc.record({ name: fc.constantFrom("A", "B", "C", "D"), value: small }), {
  selector: ({ name }) => name,
  maxLength: 4,
});
const ports = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom("http", "admin", "metrics"),
      port: fc.constantFrom(80, 81, 82),
      protocol: fc.constantFrom("TCP", "UDP"),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 3 },
  )
  .filter(
    (list) => new Set(list.map(({ port, protocol }) => `${port}${protocol}`)).size === list.length,
  );

const podSpec = fc
  .record({ image, env, second: fc.boolean(), grace: fc.constantFrom(0, 5) })
  .map(({ image: first, env: variables, second, grace }) => ({
    terminationGracePeriodSeconds: grace,
    containers: [
      { name: "app", image: first, env: variables },
      ...(second ? [{ name: "side", image: first }] : []),
    ],
  }));

const template = (name: string) =>
  podSpec.map((spec) => ({ metadata: { labels: { app: name } }, spec }));

function workload(kind: "Deployment" | "StatefulSet" | "DaemonSet"): fc.Arbitrary<Sketch> {
  const name = kind.toLowerCase();
  return fc
    .record({ template: template(name), replicas: fc.constantFrom(0, 1, 2), service: small })
    .map(({ template: pods, replicas, service }) => ({
      apiVersion: "apps/v1",
      kind,
      metadata: meta(name),
      spec: {
        selector: { matchLabels: { app: name } },
        template: pods,
        ...(kind === "DaemonSet" ? {} : { replicas }),
        // Immutable.
        ...(kind === "StatefulSet" ? { serviceName: service } : {}),
      },
    }));
}

const rules = fc
  .uniqueArray(fc.constantFrom("get", "list", "watch"), { minLength: 1 })
  .map((verbs) => [{ apiGroups: [""], resources: ["configmaps"], verbs }]);

/** One arbitrary for each kind. */
export const kinds: Readonly<Record<string, fc.Arbitrary<Render>>> = {
  configMap: texts.map((data) => [
    { apiVersion: "v1", kind: "ConfigMap", metadata: meta("config"), data },
  ]),
  secretOfStrings: texts.map((stringData) => [
    { apiVersion: "v1", kind: "Secret", metadata: meta("strings"), stringData },
  ]),
  secretOfData: texts.map((plain) => [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: meta("data"),
      data: Object.fromEntries(
        Object.entries(plain).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
      ),
    },
  ]),
  service: fc.record({ ports, app: small }).map(({ ports: list, app }) => [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: meta("service"),
      spec: { selector: { app }, ports: list },
    },
  ]),
  deployment: workload("Deployment").map((object) => [object]),
  statefulSet: workload("StatefulSet").map((object) => [object]),
  daemonSet: workload("DaemonSet").map((object) => [object]),
  job: small.map((argument) => [
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: meta("job"),
      spec: {
        // Immutable.
        template: {
          spec: {
            restartPolicy: "Never",
            containers: [{ name: "run", image: "registry.k8s.io/pause:3.10", args: [argument] }],
          },
        },
      },
    },
  ]),
  cronJob: fc.constantFrom("0 1 * * *", "0 2 * * *").map((schedule) => [
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: meta("cron"),
      spec: {
        schedule,
        jobTemplate: {
          spec: {
            template: {
              spec: {
                restartPolicy: "Never",
                containers: [{ name: "run", image: "registry.k8s.io/pause:3.10" }],
              },
            },
          },
        },
      },
    },
  ]),
  ingress: fc
    .uniqueArray(fc.constantFrom("a.example.com", "b.example.com"), { minLength: 1 })
    .map((hosts) => [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: meta("ingress"),
        spec: {
          rules: hosts.map((host) => ({
            host,
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: "service", port: { number: 80 } } },
                },
              ],
            },
          })),
        },
      },
    ]),
  networkPolicy: fc
    .uniqueArray(fc.constantFrom("Ingress", "Egress"), { minLength: 1 })
    .map((policyTypes) => [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: meta("policy"),
        spec: { podSelector: {}, policyTypes },
      },
    ]),
  serviceAccount: fc.boolean().map((automountServiceAccountToken) => [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: meta("account"),
      automountServiceAccountToken,
    },
  ]),
  role: fc.record({ rules, role: small }).map(({ rules: list, role }) => [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: meta("role"),
      rules: list,
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: meta("binding"),
      // Immutable.
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role },
      subjects: [{ kind: "ServiceAccount", name: "account", namespace: "NAMESPACE" }],
    },
  ]),
  clusterRole: rules.map((list) => [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: meta("NAMESPACE-reader"),
      rules: list,
    },
  ]),
  priorityClass: fc.constantFrom(1000, 2000).map((value) => [
    {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: meta("NAMESPACE-class"),
      // Immutable.
      value,
    },
  ]),
  disruptionBudget: fc.constantFrom(0, 1, "50%").map((minAvailable) => [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: meta("budget"),
      spec: { minAvailable, selector: { matchLabels: { app: "deployment" } } },
    },
  ]),
  autoscaler: fc.constantFrom(2, 3).map((maxReplicas) => [
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: meta("autoscaler"),
      spec: {
        maxReplicas,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "other" },
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
          },
        ],
      },
    },
  ]),
  claim: fc.constantFrom("ReadWriteOnce", "ReadWriteMany").map((mode) => [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: meta("claim"),
      // Immutable.
      spec: { accessModes: [mode], resources: { requests: { storage: "1Mi" } } },
    },
  ]),
  custom: fc
    .record({ size: fc.constantFrom(1, 9007199254740993n), note: small })
    .map(({ size, note }) => [
      {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: meta("widgets.NAMESPACE.example.com"),
        spec: {
          group: "NAMESPACE.example.com",
          scope: "Namespaced",
          names: { kind: "Widget", plural: "widgets", singular: "widget" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: {
                    spec: {
                      type: "object",
                      properties: { size: { type: "string" }, note: { type: "string" } },
                    },
                  },
                },
              },
            },
          ],
        },
      },
      {
        apiVersion: "NAMESPACE.example.com/v1",
        kind: "Widget",
        metadata: meta("widget"),
        spec: { size: String(size), note },
      },
    ]),
};

/** Renders of some of the kinds. */
export const renders: fc.Arbitrary<Render> = fc
  .tuple(...Object.values(kinds).map((kind) => fc.option(kind, { freq: 2 })))
  .map((parts) => parts.flatMap((part) => part ?? []));
