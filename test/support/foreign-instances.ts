import { kubectl, kubectlWith } from "./shared-cluster.ts";
import { type WebOptions, webObjects, yamlOf } from "./web-objects.ts";

/** Applies objects as a tool does that uses server-side apply, under its name. */
export async function applyAs(
  manager: string,
  namespace: string,
  objects: readonly object[],
): Promise<void> {
  const args = ["apply", "--server-side", `--field-manager=${manager}`, "-n", namespace, "-f", "-"];
  await kubectlWith(yamlOf(objects), ...args);
}

/** Makes an instance as Timoni does, by its documented record, labels and field manager. */
export async function makeTimoniInstance(
  name: string,
  namespace: string,
  options: WebOptions & { readonly extra?: readonly object[] } = {},
): Promise<void> {
  const labels = {
    "instance.timoni.sh/name": name,
    "instance.timoni.sh/namespace": namespace,
  };
  const extra = (options.extra ?? []) as { metadata: { labels?: object } }[];
  const objects = [
    ...webObjects(name, { ...options, labels: { ...options.labels, ...labels } }),
    ...extra.map((object) => ({ ...object, metadata: { ...object.metadata, labels } })),
  ];
  await applyAs("timoni", namespace, [timoniRecord(name, namespace, objects)]);
  await applyAs("timoni", namespace, objects);
}

/** The record Secret that Timoni writes. */
function timoniRecord(name: string, namespace: string, objects: readonly object[]): object {
  const entries = (objects as ManifestObject[]).map(({ apiVersion, kind, metadata }) => {
    const [version, group = ""] = apiVersion.split("/").toReversed();
    return { id: [namespace, metadata.name, group, kind].join("_"), v: version };
  });
  const instance = {
    kind: "Instance",
    apiVersion: "timoni.sh/v1alpha1",
    metadata: { name, namespace },
    module: { name: "example.com/web", repository: "oci://example.com/web", version: "1.0.0" },
    values: '{\n\tcolour: "blue"\n}',
    lastTransitionTime: "2026-11-20T22:04:35Z",
    inventory: { entries },
  };
  const data = { instance: Buffer.from(JSON.stringify(instance)).toString("base64") };
  const labels = {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": "instance",
    "app.kubernetes.io/created-by": "timoni",
  };
  const metadata = { name: `timoni.${name}`, namespace, labels };
  return { apiVersion: "v1", kind: "Secret", metadata, type: "timoni.sh/instance", data };
}

/** A namespace that is there. */
export async function makeNamespace(name: string): Promise<string> {
  await kubectl("create", "namespace", name);
  return name;
}

interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
