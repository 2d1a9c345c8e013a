import { definitionOf } from "./bundle-file.ts";
import { oneOf } from "./one-of-each.ts";
import { fixture } from "./repo.ts";

/** Texts that YAML or a template could take for something else. */
const texts = [
  "yes",
  "0o17",
  "1e3",
  "1_000",
  "12:30:45",
  "2001-02-03",
  "~",
  "",
  " led by a space",
  "two\nlines\n",
  "no end\n\n",
  "tab\there",
  '"quoted" and \\',
  "ünïcode 🚢",
  "${VAR} {{ .Values.a }}",
  "# no comment",
  "a: b",
  "- item",
  "=",
  "9007199254740993",
];

const kinds = [
  "services",
  "serviceaccounts",
  "persistentvolumeclaims",
  "deployments",
  "statefulsets",
  "daemonsets",
  "jobs",
  "cronjobs",
  "ingresses",
  "networkpolicies",
  "poddisruptionbudgets",
  "configmaps",
];

/** The resources whose objects the bundles have, but for the custom ones. */
export const bundledResources: readonly string[] = [
  ...kinds,
  "namespaces",
  "secrets",
  "roles",
  "rolebindings",
  "clusterroles",
  "clusterrolebindings",
  "customresourcedefinitions",
];

/** The text of a bundle in a namespace of its own, which it has; each index gives another one. */
export function gitOpsBundle(namespace: string, index: number): string {
  const moduleOf = (name: string) => ({ url: `file://${fixture(name)}` });
  const instances = {
    web: {
      module: moduleOf("objects"),
      namespace,
      values: { message: texts[index], objects: sampleObjects(namespace, index) },
    },
    keys: {
      module: moduleOf("secret"),
      namespace,
      values: { user: `robot-${index}`, password: `${texts.at(-index)}-pass` },
    },
    ...(index % 3 === 0 && {
      small: {
        module: moduleOf("small"),
        namespace,
        values: { version: 1 + (index % 2), settings: { text: texts[index] } },
      },
    }),
  };
  const objects = {
    // Without a namespace of their own.
    access: { namespace, items: accessObjects(namespace) },
    home: {
      namespace,
      items: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }],
    },
    ...(index % 4 === 0 && { kinds: { namespace, items: customObjects(namespace, index) } }),
  };
  return JSON.stringify({
    bundle: { apiVersion: "v1alpha1", name: namespace, instances, objects },
  });
}

/** Group of the custom resources of a bundle. */
export function groupOfBundle(namespace: string): string {
  return `${namespace}.example.com`;
}

function sampleObjects(namespace: string, index: number): object[] {
  const chosen = [0, 1, 2, 3].map((step) => kinds[(index + step * 3) % kinds.length]!);
  return chosen.map((resource) => {
    const object = oneOf(resource, `one-${resource}`) as { readonly metadata: object };
    const annotations = { "example.com/text": texts.at(-1 - index) };
    return { ...object, metadata: { ...object.metadata, namespace, annotations } };
  });
}

function accessObjects(namespace: string): object[] {
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }];
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const subjects = [{ kind: "ServiceAccount", name: "robot", namespace }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", name: `${namespace}-robot` };
  const name = `${namespace}-robot`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } },
    { apiVersion, kind: "Role", metadata: { name }, rules },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata: { name },
      roleRef: { ...roleRef, kind: "Role" },
      subjects,
    },
    { apiVersion, kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { ...roleRef, kind: "ClusterRole" },
      subjects,
    },
  ];
}

function customObjects(namespace: string, index: number): object[] {
  const group = groupOfBundle(namespace);
  return [
    definitionOf(group, "Widget"),
    {
      apiVersion: `${group}/v1`,
      kind: "Widget",
      metadata: { name: "one" },
      spec: {
        text: texts.at(index),
        ratio: 0.1,
        count: 9007199254740991,
        none: [],
        empty: {},
        on: true,
      },
    },
  ];
}
