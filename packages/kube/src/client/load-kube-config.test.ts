import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { KubeError } from "../errors.ts";
import type { KubeConnection } from "./connection.ts";
import { type LoadKubeConfigOptions, loadKubeConfig } from "./load-kube-config.ts";

describe("loadKubeConfig()", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "tenon-kubeconfig-"));
    await writeFile(join(dir, "one"), one);
    await writeFile(join(dir, "two"), two);
    await writeFile(join(dir, "empty"), "");
    await writeFile(join(dir, "bad"), "clusters: [");
    await mkdir(join(dir, "home", ".kube"), { recursive: true });
    await writeFile(join(dir, "home", ".kube", "config"), one.replace("shop", "home"));
    await mkdir(join(dir, "sa"));
    await writeFile(join(dir, "sa", "token"), "sa-token\n");
    await writeFile(join(dir, "sa", "namespace"), "pods\n");
  });
  afterAll(() => rm(dir, { recursive: true }));

  const load = (options: Omit<LoadKubeConfigOptions, "env">, env = {}): Promise<KubeConnection> =>
    loadKubeConfig({ env, ...options });
  const failure = (options: Omit<LoadKubeConfigOptions, "env">, env = {}): Promise<KubeError> =>
    load(options, env).then(
      () => {
        throw new Error("Expected a failure");
      },
      (error: unknown) => error as KubeError,
    );

  it("reads a file with its current context, its namespace and relative paths", async () => {
    expect(await load({ kubeconfig: join(dir, "one") })).toEqual({
      server: "https://one:6443",
      context: "staging",
      namespace: "shop",
      tls: {
        ca: undefined,
        caFile: join(dir, "pki/ca.crt"),
        cert: undefined,
        certFile: undefined,
        insecure: false,
        key: undefined,
        keyFile: undefined,
        serverName: "kube.internal",
      },
      auth: { type: "token-file", file: join(dir, "token") },
      impersonate: { user: "jane", uid: "42", groups: ["dev", "ops"] },
      proxy: undefined,
      env: {},
    });
  });

  it("merges KUBECONFIG: missing files are skipped, the first to name something wins", async () => {
    const files = ["missing", "empty", "one", "two"].map((name) => join(dir, name)).join(":");
    const connection = await load({}, { KUBECONFIG: files });
    expect([connection.context, connection.server]).toEqual(["staging", "https://one:6443"]);
    const second = await load({ context: "production" }, { KUBECONFIG: files });
    // Both files have a cluster "c".
    expect([second.server, second.namespace]).toEqual(["https://one:6443", "default"]);
    expect(second.tls.cert).toBe("cert");
    expect(second.auth).toEqual({ type: "basic", username: "u", password: "p" });
  });

  it("rejects a missing --kubeconfig, a bad one, and none at all", async () => {
    expect((await failure({ kubeconfig: join(dir, "missing") })).code).toBe(
      "KUBE_CONFIG_NOT_FOUND",
    );
    expect((await failure({ kubeconfig: join(dir, "bad") })).code).toBe("KUBE_CONFIG_INVALID");
    expect((await failure({}, { HOME: join(dir, "nowhere") })).code).toBe("KUBE_CONFIG_NOT_FOUND");
  });

  it("names the contexts there are when one is unknown", async () => {
    const error = await failure({ kubeconfig: join(dir, "one"), context: "stagin" });
    expect(error.code).toBe("KUBE_CONTEXT_UNKNOWN");
    expect(error.hint).toBe("Did you mean staging?");
    expect(error.message).toBe(
      `Cannot find context "stagin" in ${join(dir, "one")}: there are staging, dangling`,
    );
    expect(
      (await failure({ kubeconfig: join(dir, "one"), context: "dangling" })).message,
    ).toContain('cluster "gone" is not in');
  });

  it("falls back to the home directory, then to the service account of the pod", async () => {
    expect((await load({}, { HOME: join(dir, "home") })).namespace).toBe("home");
    const env = { HOME: dir, KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const inCluster = await load({ serviceAccountDirectory: join(dir, "sa") }, env);
    expect(inCluster).toMatchObject({
      server: "https://[fd00::1]:443",
      context: "in-cluster",
      namespace: "pods",
      auth: { type: "token-file", file: join(dir, "sa", "token") },
      tls: { caFile: join(dir, "sa", "ca.crt") },
    });
  });

  it("lets options override the file", async () => {
    const connection = await load({
      kubeconfig: join(dir, "one"),
      namespace: "other",
      server: "http://127.0.0.1:8001/",
      token: "t",
      as: "root",
      asGroups: ["g"],
      insecureSkipTlsVerify: true,
    });
    expect(connection).toMatchObject({
      server: "http://127.0.0.1:8001",
      namespace: "other",
      auth: { type: "token", token: "t" },
      impersonate: { user: "root", groups: ["g"] },
      tls: { insecure: true },
    });
    expect((await failure({ kubeconfig: join(dir, "two"), asGroups: ["g"] })).code).toBe(
      "KUBE_CONFIG_INVALID",
    );
  });

  it("takes the proxy of the cluster, else that of the environment", async () => {
    const env = { HTTPS_PROXY: "proxy:3128", NO_PROXY: "two" };
    expect((await load({ kubeconfig: join(dir, "one") }, env)).proxy).toBe("http://proxy:3128");
    expect((await load({ kubeconfig: join(dir, "two"), context: "proxied" }, env)).proxy).toBe(
      "http://own:1",
    );
  });
});

const one = `
apiVersion: v1
kind: Config
current-context: staging
clusters:
- name: c
  cluster: {server: "https://one:6443/", certificate-authority: pki/ca.crt, tls-server-name: kube.internal}
users:
- name: u
  user:
    tokenFile: token
    as: jane
    as-uid: "42"
    as-groups: [dev, ops]
contexts:
- name: staging
  context: {cluster: c, user: u, namespace: shop}
- name: dangling
  context: {cluster: gone, user: u}
`;

const two = JSON.stringify({
  "current-context": "production",
  clusters: [
    { name: "c", cluster: { server: "https://two" } },
    { name: "p", cluster: { server: "https://p", "proxy-url": "http://own:1" } },
  ],
  users: [
    {
      name: "v",
      user: {
        username: "u",
        password: "p",
        "client-certificate-data": Buffer.from("cert").toString("base64"),
      },
    },
  ],
  contexts: [
    { name: "production", context: { cluster: "c", user: "v" } },
    { name: "proxied", context: { cluster: "p", user: "v" } },
  ],
});
