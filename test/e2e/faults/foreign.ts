import type { Lab } from "./lab.ts";
import { pathOf } from "./places.ts";

/** Makes objects of others in the namespace: nobody may touch them. */
export async function makeForeign(lab: Lab): Promise<void> {
  const { api, namespace } = lab;
  const labels = (instance: string): object => ({
    "tenon.dev/instance": instance,
    "tenon.dev/instance-namespace": namespace,
  });
  const objects = [
    configMap("foreign-plain", {}),
    configMap("foreign-of-another", labels("another")),
    // As somebody makes it who copies an object with its labels.
    configMap("foreign-copy", labels("app")),
  ];
  for (const object of objects) {
    await api.apply(pathOf(lab, "ConfigMap", object.metadata.name), object, "stranger");
  }
}

/** Makes the namespace itself. */
export async function makeNamespace({ api, namespace }: Lab): Promise<void> {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await api.apply(`/api/v1/namespaces/${namespace}`, object, "stranger");
}

function configMap(name: string, labels: object): { readonly metadata: { readonly name: string } } {
  const data = { of: "others" };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data } as {
    readonly metadata: { readonly name: string };
  };
}
