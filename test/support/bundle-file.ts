import { fixture } from "./repo.ts";

/** An instance of the module in the fixture `objects`. */
export interface FixtureInstance {
  readonly namespace: string;
  readonly dependsOn?: readonly string[];
  /** The folder or address of its module; the fixture `objects` by default. */
  readonly module?: string;
  readonly values?: {
    readonly message?: string;
    readonly simulate?: string;
    readonly objects?: readonly object[];
  };
}

/** A wave as a bundle file has it. */
export interface FixtureWave {
  readonly name: string;
  readonly instances?: readonly string[];
  readonly clusters?: readonly string[];
  readonly soak?: string;
}

/** The text of a bundle file; its instances keep their order. */
export function bundleText(
  name: string,
  instances: Readonly<Record<string, FixtureInstance>>,
  waves?: readonly FixtureWave[],
): string {
  const entries = Object.entries(instances).map(
    ([instance, { namespace, dependsOn, values = {}, module = fixture("objects") }]) => [
      instance,
      { module: { url: urlOf(module) }, namespace, dependsOn, values },
    ],
  );
  const bundle = {
    apiVersion: "v1alpha1",
    name,
    instances: Object.fromEntries(entries) as unknown,
    waves,
  };
  return JSON.stringify({ bundle });
}

/** The text of a runtime file with these clusters, all in one group. */
export function runtimeText(contexts: Readonly<Record<string, string>>): string {
  const clusters = Object.entries(contexts).map(([name, kubeContext]) => [
    name,
    { group: "all", kubeContext },
  ]);
  const runtime = {
    apiVersion: "v1alpha1",
    name: "fleet",
    clusters: Object.fromEntries(clusters) as unknown,
  };
  return JSON.stringify({ runtime });
}

/** A definition of a custom resource that takes anything. */
export function definitionOf(group: string, kind: string): object {
  const singular = kind.toLowerCase();
  const schema = {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, singular, plural: `${singular}s`, listKind: `${kind}List` },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

/** A Job that fails as soon as it runs: whoever applies it need not wait for long. */
export function failingJob(name: string, namespace: string): object {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations: { "cluster.tenon.dev/simulate": "fail" } },
        spec: { restartPolicy: "Never", containers: [{ name: "job", image: "busybox:1.37" }] },
      },
    },
  };
}

function urlOf(module: string): string {
  return module.includes("://") ? module : `file://${module}`;
}
