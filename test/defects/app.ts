import { fixture } from "../support/repo.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { spawnTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

/** What all defects that need a cluster need; use it with `describe.skipIf`. */
export const tools: ReturnType<typeof needs> = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

/** Values of the modules `test/e2e/fixtures/objects` and `test/defects/fixtures/images`. */
export interface AppValues {
  readonly message?: string;
  /** What the simulated node does with the pod of a Deployment; there is none without. */
  readonly simulate?: string;
  /** Objects to apply as they are. */
  readonly objects?: readonly object[];
  /** A Pod for each. */
  readonly images?: Readonly<Record<string, { readonly repository: string }>>;
  /** Recorded, but in no object. */
  readonly ballast?: string;
}

/** What `apply -o json` prints. */
export interface AppReport {
  readonly changes: readonly {
    readonly kind: string;
    readonly name: string;
    readonly action: string;
    readonly reason?: string;
  }[];
}

/** The instance `app` of such a module, in a namespace that nothing else uses. */
export class App {
  readonly namespace: string = newNamespace("defect");
  readonly #module: string;

  constructor(module: string = fixture("objects")) {
    this.#module = module;
  }

  /** Runs the packed command line in the namespace of the instance, or the one that `-n` names. */
  run(...args: string[]): Promise<ProcessResult> {
    return this.#spawn(args, undefined);
  }

  /** `tenon apply`. */
  apply(values: AppValues, ...flags: string[]): Promise<ProcessResult> {
    const args = ["apply", "app", this.#module, "-f", "-", ...flags];
    return this.#spawn(args, `values: ${JSON.stringify(values)}\n`);
  }

  /** `tenon apply`, which must succeed: the action by object. */
  async applied(values: AppValues, ...flags: string[]): Promise<Record<string, string>> {
    const { code, stdout, stderr } = await this.apply(values, "-o", "json", ...flags);
    if (code !== 0) throw new Error(`it ended with ${code}\n${stdout}${stderr}`);
    const { changes } = JSON.parse(stdout) as AppReport;
    return Object.fromEntries(changes.map(({ kind, name, action }) => [`${kind}/${name}`, action]));
  }

  /** The instances that `tenon list` finds in the namespace: their states by name. */
  async list(): Promise<Record<string, string>> {
    const { stdout } = await this.run("list", "-o", "json");
    const instances = JSON.parse(stdout) as { name: string; state: string }[];
    return Object.fromEntries(instances.map(({ name, state }) => [name, state]));
  }

  /** The names of the objects of a kind, without those that the cluster itself makes. */
  async names(kind: string): Promise<string[]> {
    const objects = await kubectlGet(kind, "-n", this.namespace);
    const names = objects.map(({ metadata }) => metadata.name);
    return names.filter((name) => name !== "kube-root-ca.crt");
  }

  /** One field of an object, as kubectl prints it. */
  field(object: string, jsonpath: string): Promise<string> {
    return kubectl("get", object, "-n", this.namespace, "-o", `jsonpath={${jsonpath}}`);
  }

  #spawn(args: readonly string[], input: string | undefined): Promise<ProcessResult> {
    const env = { KUBECONFIG: sharedCluster().kubeconfig };
    const elsewhere = args.includes("-n") ? [] : ["-n", this.namespace];
    return spawnTenon([...args, ...elsewhere], { env, input });
  }
}

/** A ConfigMap, without a namespace: it goes to that of the instance. */
export function configMap(
  name: string,
  data: Record<string, string> = {},
  more: object = {},
): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...more }, data };
}

/** A Service on one port. */
export function service(name: string, port: number, more: object = {}): object {
  const ports = [{ name: "http", port, protocol: "TCP" }];
  return { apiVersion: "v1", kind: "Service", metadata: { name, ...more }, spec: { ports } };
}

/** A service that only an API server finds to be invalid: it knows that it has one address family. */
export function invalidService(name: string, more: object = {}): object {
  const ports = [{ name: "http", port: 8080, protocol: "TCP" }];
  const spec = { ports, ipFamilyPolicy: "RequireDualStack" };
  return { apiVersion: "v1", kind: "Service", metadata: { name, ...more }, spec };
}
