/** Names one Kubernetes object; `namespace` is absent for cluster-scoped objects. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The part of a Kubernetes object that every kind has. */
export interface KubeObjectView {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/**
 * A rendered object: its JSON text, which is what travels (JavaScript's parser would round large
 * integers and reorder numeric keys), and a parsed view that is for reading only.
 */
export interface KubeObject {
  readonly json: string;
  readonly view: KubeObjectView;
}

/** A named group of objects inside an instance; sets are applied one after another. */
export interface ResourceSet {
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

/** Makes an object of its JSON text. The text must be a JSON object with apiVersion, kind and metadata.name. */
export function kubeObject(json: string): KubeObject {
  return { json, view: JSON.parse(json) as KubeObjectView };
}

/** The reference of an object. */
export function refOf(object: KubeObject): ObjectRef {
  const { apiVersion, kind, metadata } = object.view;
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace. */
export function formatRef(ref: ObjectRef): string {
  return [ref.kind, ref.namespace, ref.name].filter(Boolean).join("/");
}

/** The API group of an apiVersion: `apps` of `apps/v1`, empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** The version of an apiVersion: `v1` of `apps/v1`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

/** What tells two objects apart on a cluster; the API version does not take part. */
export function identityOf(ref: ObjectRef): string {
  return [groupOf(ref.apiVersion), ref.kind, ref.namespace ?? "", ref.name].join("|");
}
