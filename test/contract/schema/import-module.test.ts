import { readdir, readFile } from "node:fs/promises";

import { hasCode, type TenonError } from "@tenon/core";
import { createEngine, type Engine } from "@tenon/cue-wasm";
import {
  findManifests,
  type ImportedModule,
  importModule,
  readModule,
  renderInstance,
  valueSource,
} from "@tenon/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { repoPath } from "../../support/repo.ts";
import { type TempDir, tempDir } from "../../support/temp-dir.ts";

const manifests = repoPath("test/contract/schema/manifests");
const stdin = (): Promise<Uint8Array> => Promise.reject(new Error("nobody asked for it"));

let engine: Engine;
let dir: TempDir;
beforeAll(async () => {
  engine = await createEngine({ kind: "native" });
  dir = await tempDir();
});
afterAll(async () => {
  engine?.close();
  await dir?.[Symbol.asyncDispose]();
});

describe("importModule()", () => {
  it("makes a module of a Deployment, a Service and an Ingress", async () => {
    const secretsFile = dir.file("storefront-secrets.yaml");
    const module = await importFrom("storefront.yaml", { secretsFile });
    expect(module).toMatchObject({
      name: "storefront",
      instance: { name: "storefront", namespace: "shop" },
      secrets: ["secret.SESSION_KEY", 'secret."signing.bin"', "secret.DATABASE_URL"],
    });
    const objects = await objectsIn("storefront.yaml");
    // What the API server writes is not the author's.
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    delete deployment.status;
    delete deployment.spec.template.metadata.creationTimestamp;
    for (const field of ["uid", "resourceVersion", "generation", "creationTimestamp"]) {
      delete deployment.metadata[field];
    }
    delete deployment.metadata.annotations["deployment.kubernetes.io/revision"];
    expect(module.dropped[0]?.paths).toHaveLength(7);
    expect(await rendered(module, { values: secretsFile })).toEqual(objects);
  });

  it("makes a module of a StatefulSet with volumes and roles", async () => {
    const module = await importFrom("ledger");
    const objects = await objectsIn("ledger/rbac.yaml", "ledger/stateful-set.yaml");
    for (const object of objects) {
      if (!object.kind.startsWith("Cluster")) object.metadata.namespace = "finance";
    }
    expect(module).toMatchObject({ secrets: [], dropped: [], notes: [] });
    expect(await rendered(module)).toEqual(objects);
    const others = await rendered({ ...module, instance: { name: "books", namespace: "audit" } });
    const texts = JSON.stringify(others);
    expect(texts).toContain('"value":"books-db-0.books-db-headless.audit.svc"');
    expect(texts).toContain('"resourceNames":["books-db-leader","books-db-config"]');
    expect(texts).toContain('"claimName":"books-db-backup"');
    expect(texts).not.toContain('"finance"');
  });

  it("makes a module of a definition and an object of it", async () => {
    const module = await importFrom("probes.yaml");
    expect(await rendered(module)).toEqual(await objectsIn("probes.yaml"));
    const template = await readFile(dir.file("probes/templates/web-probe.cue"), "utf8");
    expect(template).toContain("9007199254740993");
  });

  it("takes the names of Secrets and their keys as they are", async () => {
    const secret = (name: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {__proto__: a}\n`;
    const text = `${secret("web-constructor")}---\n${secret("web")}`;
    const files = [{ name: "web.yaml", content: Buffer.from(text) }];
    const { secrets } = await importModule(engine, { files, dir: dir.path });
    expect(secrets).toEqual(["secrets.constructor.__proto__", "secrets.web.__proto__"]);
  });

  it("lifts names, images, replicas, resources, environment and hosts into the values", async () => {
    await dir.write({
      "values.yaml": `values:
  replicas: 5
  image: {tag: 3.0.0, digest: ""}
  metrics: {image: {tag: "1.5"}}
  resources: {requests: {cpu: 200m}}
  env: {WORKERS: "8", ADDED: "yes"}
  settings: {LOG_LEVEL: debug, ADDED: "1"}
  services: {storefront: {ports: {http: 8080}}}
  ingress: {hosts: {shop: store.example.org}}
  autoscaler: {maxReplicas: 20}
  secret: {SESSION_KEY: k, "signing.bin": aw==, DATABASE_URL: u}
`,
    });
    const objects = await rendered(
      { path: dir.file("storefront"), instance: { name: "outlet", namespace: "sale" } },
      { values: dir.file("values.yaml") },
    );
    const named = objects.map(
      ({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`,
    );
    expect(named).toMatchInlineSnapshot(`
      [
        "Namespace/undefined/sale",
        "ConfigMap/sale/outlet",
        "Secret/sale/outlet",
        "ServiceAccount/sale/outlet",
        "Deployment/sale/outlet",
        "Service/sale/outlet",
        "Service/sale/outlet-catalog",
        "Ingress/sale/outlet",
        "HorizontalPodAutoscaler/sale/outlet",
        "PodDisruptionBudget/sale/outlet",
      ]
    `);
    const of = (kind: string) => objects.find((object) => object.kind === kind);
    const [web, metrics] = of("Deployment").spec.template.spec.containers;
    expect(of("Deployment").spec.replicas).toBe(5);
    expect(web.image).toBe("registry.example.com:5000/shop/storefront:3.0.0");
    expect(metrics.image).toBe("nginx/nginx-prometheus-exporter:1.5");
    expect(web.resources.requests).toEqual({ cpu: "200m", memory: "128Mi" });
    expect(web.env).toContainEqual({ name: "WORKERS", value: "8" });
    expect(web.env).toContainEqual({ name: "ADDED", value: "yes" });
    expect(of("ConfigMap").data).toMatchObject({
      ADDED: "1",
      LOG_LEVEL: "debug",
      CATALOG_URL: "http://outlet-catalog.sale.svc:8080/v1",
    });
    expect(of("Service").spec.ports[0].port).toBe(8080);
    expect(of("Service").spec.selector).toEqual({ app: "outlet", tier: "web" });
    expect(of("Ingress").spec.rules.map(({ host }: { host: string }) => host)).toEqual([
      "store.example.org",
      "www.example.com",
    ]);
    expect(of("Ingress").spec.tls[0].hosts).toEqual(["store.example.org", "www.example.com"]);
    expect(of("HorizontalPodAutoscaler").spec.maxReplicas).toBe(20);
    expect(of("Secret").data).toEqual({ SESSION_KEY: "aw==", "signing.bin": "aw==" });
  });

  it("keeps the values of Secrets out of the module", async () => {
    const files = await readdir(dir.file("storefront"), { recursive: true, withFileTypes: true });
    const own = files.filter((file) => file.isFile() && !file.parentPath.includes("cue.mod/"));
    const texts = await Promise.all(
      own.map(({ parentPath, name }) => readFile(`${parentPath}/${name}`, "utf8")),
    );
    const all = texts.join("\n");
    expect(all).toContain("SESSION_KEY");
    for (const secret of ["c2Vzc2lvbi1rZXk", "session-key-of", "/+7dzLuqmQ==", "pa$$word"]) {
      expect(all).not.toContain(secret);
    }
  });
});

describe("importModule() refuses and writes nothing", () => {
  const pod = (name: string, spec: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: apps}\nspec: ${spec}\n`;
  const plain = pod("web", "{containers: [{name: web, image: web}]}");

  it.each<[string, string, ...string[]]>([
    ["no YAML", "a: [", "SCHEMA_MANIFEST_INVALID", "bad.yaml:1:5"],
    ["no objects", "# nothing\n---\n", "SCHEMA_MANIFEST_INVALID", "no Kubernetes object in"],
    ["text", "just text", "SCHEMA_MANIFEST_INVALID", "bad.yaml:1:1 not a Kubernetes object"],
    ["no kind", "apiVersion: v1", "SCHEMA_MANIFEST_INVALID", "it has no kind"],
    ["a template", "kind: {{ .Kind }}", "SCHEMA_MANIFEST_INVALID", "helm template"],
    [
      "one bad document of several",
      `${plain}---\n{a: b}\n`,
      "SCHEMA_MANIFEST_INVALID",
      "bad.yaml:6:1",
    ],
    [
      "a bad object in a list",
      "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod}\n",
      "SCHEMA_MANIFEST_INVALID",
      "bad.yaml:4:3",
      "metadata.name",
    ],
    [
      "the same object twice",
      `${plain}---\n${plain}`,
      "SCHEMA_MANIFEST_INVALID",
      "bad.yaml:6:1 Pod/apps/web is there twice",
    ],
    ["a key that is there twice", "a: 1\na: 2\n", "SCHEMA_MANIFEST_INVALID", "bad.yaml:2:1"],
    [
      "an unknown field",
      pod("web", "{container: []}"),
      "SCHEMA_MANIFEST_INVALID",
      'unknown field "container"',
      'did you mean "containers"?',
    ],
    [
      "aliases without end",
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${"bcdefgh".replace(/./g, (key) => {
        const before = String.fromCharCode(key.charCodeAt(0) - 1);
        return `${key}: &${key} [${Array(10).fill(`*${before}`).join()}]\n`;
      })}`,
      "SCHEMA_MANIFEST_INVALID",
      "too many values",
    ],
    [
      "no name to go by",
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
      "SCHEMA_NAME_INVALID",
    ],
    [
      "requests above limits",
      pod(
        "web",
        "{containers: [{name: a, image: a, resources: {limits: {cpu: 1}, requests: {cpu: 2}}}]}",
      ),
      "SCHEMA_MANIFEST_INVALID",
      "expected at most the limit, which is 1",
    ],
    [
      "an object that a module would take apart as a list",
      "apiVersion: a.example/v1\nkind: Basket\nmetadata: {name: a}\nitems: [{apple: 1}]\n",
      "SCHEMA_IMPORT_FAILED",
      "missing required field(s) apiVersion, kind, metadata.name",
    ],
  ])("%s", async (_, text, code, ...said) => {
    await using empty = await tempDir();
    const files = [{ name: "bad.yaml", content: Buffer.from(text) }];
    const secretsFile = empty.file("secrets.yaml");
    const error = await failure(importModule(engine, { files, dir: empty.path, secretsFile }));
    expect(error.code, error.message).toBe(code);
    for (const words of said) expect(toldBy(error)).toContain(words);
    expect(await readdir(empty.path)).toEqual([]);
  });

  it("names, folders and files that are taken or missing", async () => {
    await using taken = await tempDir();
    await taken.write({ "web/mine.txt": "mine", "secrets.yaml": "mine" });
    const files = [{ name: "web.yaml", content: Buffer.from(plain) }];
    const attempt = async (request: object, code: string) => {
      const error = await failure(importModule(engine, { files, dir: taken.path, ...request }));
      expect(error.code, error.message).toBe(code);
    };
    await attempt({}, "SCHEMA_ALREADY_EXISTS");
    await attempt({ name: "b", secretsFile: taken.file("secrets.yaml") }, "SCHEMA_ALREADY_EXISTS");
    await attempt({ name: "b", secretsFile: taken.file("secrets.txt") }, "SCHEMA_VALUES_INVALID");
    await attempt({ name: "B" }, "SCHEMA_NAME_INVALID");
    await attempt({ dir: taken.file("missing") }, "SCHEMA_MODULE_NOT_FOUND");
    expect(await readdir(taken.path)).toEqual(["secrets.yaml", "web"]);
    expect(await readdir(taken.file("web"))).toEqual(["mine.txt"]);
  });

  it("an interrupted run", async () => {
    await using empty = await tempDir();
    const files = [{ name: "web.yaml", content: Buffer.from(plain) }];
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(importModule(engine, { files, dir: empty.path }, { signal })).rejects.toThrow();
    expect(await readdir(empty.path)).toEqual([]);
  });

  it("a wrong value of a Secret, without telling it", async () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: hunter2, b: 1}\n`;
    const files = [{ name: "bad.yaml", content: Buffer.from(text) }];
    const error = await failure(importModule(engine, { files, dir: dir.path }));
    expect(toldBy(error)).toContain("bad.yaml:4:18 Secret a: expected base64 text");
    expect(JSON.stringify([toldBy(error), error.diagnostics])).not.toContain("hunter2");
  });
});

async function importFrom(
  source: string,
  options: { readonly secretsFile?: string } = {},
): Promise<ImportedModule> {
  const files = await findManifests(`${manifests}/${source}`, stdin);
  return importModule(engine, { files, dir: dir.path, ...options });
}

// oxlint-disable-next-line no-explicit-any
type Parsed = any;

/** The objects of fixtures as another reader of YAML has them. */
async function objectsIn(...names: readonly string[]): Promise<Parsed[]> {
  const texts = await Promise.all(names.map((name) => readFile(`${manifests}/${name}`, "utf8")));
  return texts
    .flatMap((text) => parseAllDocuments(text, { version: "1.1" }))
    .map((document): Parsed => document.toJS())
    .flatMap((object: Parsed) => (object.kind === "List" ? object.items : [object]));
}

async function rendered(
  { path, instance }: Pick<ImportedModule, "path" | "instance">,
  options: { readonly values?: string } = {},
): Promise<Parsed[]> {
  const { values } = options;
  const { sets } = await renderInstance(engine, {
    module: await readModule(path),
    ...instance,
    values: values === undefined ? [] : [valueSource(values, await readFile(values))],
  });
  return sets.flatMap(({ objects }) => objects.map(({ json }) => JSON.parse(json) as Parsed));
}

async function failure(run: Promise<unknown>): Promise<TenonError> {
  const error = await run.then(
    () => new Error("it did not fail"),
    (thrown: unknown) => thrown,
  );
  if (hasCode(error, (error as TenonError).code)) return error;
  throw error;
}

/** All that an error tells, with the places. */
function toldBy({ message, diagnostics, hint }: TenonError): string {
  const found = diagnostics.map(({ text, positions, notes = [] }) => {
    const [at] = positions;
    const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column} `;
    return [`${place}${text}`, ...notes].join("\n");
  });
  return [message, ...found, hint].join("\n");
}
