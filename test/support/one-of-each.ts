const labels = { app: "one" };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: "main", image: "example.com/main:1" }] },
};
const jobTemplate = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
const workload = { selector: { matchLabels: labels }, template };

/** An object of each resource, without its name. */
const samples: Readonly<Record<string, object>> = {
  configmaps: { apiVersion: "v1", kind: "ConfigMap", data: { k: "v" } },
  secrets: { apiVersion: "v1", kind: "Secret", stringData: { k: "v" } },
  services: {
    apiVersion: "v1",
    kind: "Service",
    spec: { selector: labels, ports: [{ port: 80 }] },
  },
  serviceaccounts: { apiVersion: "v1", kind: "ServiceAccount" },
  persistentvolumeclaims: {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
  },
  deployments: { apiVersion: "apps/v1", kind: "Deployment", spec: workload },
  statefulsets: {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    spec: { ...workload, serviceName: "one" },
  },
  daemonsets: { apiVersion: "apps/v1", kind: "DaemonSet", spec: workload },
  jobs: { apiVersion: "batch/v1", kind: "Job", spec: { template: jobTemplate } },
  cronjobs: {
    apiVersion: "batch/v1",
    kind: "CronJob",
    spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: jobTemplate } } },
  },
  ingresses: {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    spec: { defaultBackend: { service: { name: "one", port: { number: 80 } } } },
  },
  networkpolicies: {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  },
  horizontalpodautoscalers: {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "one" },
      minReplicas: 1,
      maxReplicas: 2,
    },
  },
  poddisruptionbudgets: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    spec: { minAvailable: 1, selector: { matchLabels: labels } },
  },
};

/** An object of a resource. */
export function oneOf(resource: string, name = "one"): object {
  const sample = samples[resource];
  if (sample === undefined) throw new Error(`There is no sample of ${resource}: add one here`);
  return { ...sample, metadata: { name, labels } };
}
