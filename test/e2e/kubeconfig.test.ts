import { readFile } from "node:fs/promises";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startConnectProxy } from "../support/connect-proxy.ts";
import { type KubeconfigParts, kubeconfigText } from "../support/kubeconfig-text.ts";
import { fixture } from "../support/repo.ts";
import { kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import type { ClusterInfo } from "../support/start-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe.skipIf(tools.missing)(`tenon reads a kubeconfig as kubectl does:${tools.reason}`, () => {
  const namespace = newNamespace("kubeconfig");
  let cluster: ClusterInfo;
  let dir: TempDir;

  beforeAll(async () => {
    cluster = sharedCluster();
    dir = await tempDir();
    await tenon(["apply", "app", fixture("small"), "-n", namespace], {
      env: { KUBECONFIG: cluster.kubeconfig },
    });
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  function write(name: string, parts?: KubeconfigParts): Promise<string> {
    return dir.write({ [name]: kubeconfigText(cluster, parts) });
  }

  async function instancesOf(
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<string[]> {
    const listed = await tenon(["list", "-o", "json", ...args], { env });
    return (JSON.parse(listed) as { name: string }[]).map(({ name }) => name);
  }

  it("KUBECONFIG with several files, of which one is missing", async () => {
    const files = [dir.file("missing"), await write("several")].join(path.delimiter);
    expect(await instancesOf(["-n", namespace], { KUBECONFIG: files })).toEqual(["app"]);
  });

  it("KUBECONFIG with a context in one file and its cluster in another", async () => {
    const whole = JSON.parse(kubeconfigText(cluster, { contexts: { test: namespace } })) as {
      [part: string]: unknown;
    };
    const { contexts, "current-context": current, ...rest } = whole;
    const files = await Promise.all([
      dir.write({ context: JSON.stringify({ contexts, "current-context": current }) }),
      dir.write({ cluster: JSON.stringify(rest) }),
    ]);
    expect(await instancesOf([], { KUBECONFIG: files.join(path.delimiter) })).toEqual(["app"]);
  });

  it("--kubeconfig, which wins over KUBECONFIG", async () => {
    const file = await write("flag", { contexts: { test: namespace } });
    const env = { KUBECONFIG: dir.file("missing") };
    expect(await instancesOf(["--kubeconfig", file], env)).toEqual(["app"]);
  });

  it("--kube-context with the namespace of that context", async () => {
    const KUBECONFIG = await write("contexts", {
      contexts: { first: "default", second: namespace },
    });
    expect(await instancesOf([], { KUBECONFIG })).toEqual([]);
    expect(await instancesOf(["--kube-context", "second"], { KUBECONFIG })).toEqual(["app"]);
    const other = newNamespace("kubeconfig");
    const args = ["apply", "app", fixture("small"), "--kube-context", "other"];
    await tenon(args, { env: { KUBECONFIG: await write("other", { contexts: { other } }) } });
    const secrets = await kubectlGet("secrets", "-n", other);
    expect(secrets.map(({ metadata }) => metadata.name)).toEqual(["tenon.app"]);
  });

  it("a certificate authority as a file beside the kubeconfig", async () => {
    await dir.write({ "certs/ca.crt": cluster.ca });
    const KUBECONFIG = await write("with-file", {
      cluster: { "certificate-authority-data": undefined, "certificate-authority": "certs/ca.crt" },
    });
    expect(await instancesOf(["-n", namespace], { KUBECONFIG })).toEqual(["app"]);
  });

  it("an exec plugin, which learns of the cluster from KUBERNETES_EXEC_INFO", async () => {
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: cluster.token },
    };
    await dir.write({
      "credential.json": JSON.stringify(credential),
      "plugin.sh":
        'printf %s "$KUBERNETES_EXEC_INFO" > "$1"\nprintf x >> "$1.calls"\ncat "$CREDENTIAL"\n',
    });
    const exec = {
      apiVersion: credential.apiVersion,
      command: "sh",
      args: [dir.file("plugin.sh"), dir.file("info.json")],
      env: [{ name: "CREDENTIAL", value: dir.file("credential.json") }],
      interactiveMode: "Never",
      provideClusterInfo: true,
    };
    const KUBECONFIG = await write("exec", { user: { exec } });
    expect(await instancesOf(["-n", namespace], { KUBECONFIG })).toEqual(["app"]);
    const info = JSON.parse(await readFile(dir.file("info.json"), "utf8")) as unknown;
    expect(info).toMatchObject({
      apiVersion: credential.apiVersion,
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: cluster.server } },
    });
    expect(await readFile(dir.file("info.json.calls"), "utf8")).toBe("x");
  });

  it("an exec plugin that fails, which is KUBE_CREDENTIALS_FAILED with its words", async () => {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "sh",
      args: ["-c", "echo 'you are not signed in' >&2; exit 3"],
      installHint: "Run example login",
      interactiveMode: "Never",
    };
    const KUBECONFIG = await write("exec-fails", { user: { exec } });
    const { code, stderr } = await spawnTenon(["list"], { env: { KUBECONFIG } });
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "error: Cannot get credentials from sh: it ended with 3: you are not signed in [KUBE_CREDENTIALS_FAILED]
      hint: Run example login
      "
    `);
  });

  it("--kube-as and --kube-as-group, whose rights count", async () => {
    const env = { KUBECONFIG: cluster.kubeconfig };
    const nobody = ["list", "-n", namespace, "--kube-as", "nobody"];
    const refused = await spawnTenon(nobody, { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("[KUBE_FORBIDDEN]");
    const alice = `alice-${namespace}`;
    const flags = ["-n", namespace, "--kube-as", alice, "--kube-as-group", "system:masters"];
    expect(await instancesOf(flags, env)).toEqual(["app"]);
    const audit = (await readFile(cluster.auditLog, "utf8")).split("\n");
    const events = audit
      .filter((line) => line.includes(alice))
      .map((line) => JSON.parse(line) as object);
    expect(events).not.toEqual([]);
    for (const event of events) {
      expect(event).toMatchObject({
        user: { username: "admin" },
        impersonatedUser: { username: alice, groups: ["system:masters", "system:authenticated"] },
      });
    }
  });

  it("flags for all that a kubeconfig says, without one", async () => {
    const flags = ["--kube-server", cluster.server, "--kube-token", cluster.token, "-n", namespace];
    const ca = await dir.write({ "ca.crt": cluster.ca });
    expect(await instancesOf([...flags, "--kube-certificate-authority", ca])).toEqual(["app"]);
    expect(await instancesOf([...flags, "--kube-insecure-skip-tls-verify"])).toEqual(["app"]);
    const { code, stderr } = await spawnTenon(["list", ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_UNREACHABLE]");
    expect(stderr).not.toContain(cluster.token);
  });

  it("HTTPS_PROXY and NO_PROXY", async () => {
    const { port } = new URL(cluster.server);
    await using proxy = await startConnectProxy(Number(port));
    // A name that only the proxy knows; it stands in the certificate.
    const server = `https://kubernetes.default.svc:${port}`;
    const KUBECONFIG = await write("proxied", { server });
    const env = { KUBECONFIG, HTTPS_PROXY: proxy.url };
    expect(await instancesOf(["-n", namespace], env)).toEqual(["app"]);
    expect(new Set(proxy.asked)).toEqual(new Set([`kubernetes.default.svc:${port}`]));

    const before = proxy.asked.length;
    const direct = await spawnTenon(["list"], { env: { ...env, NO_PROXY: "example.com,.svc" } });
    expect(direct.code).toBe(1);
    expect(direct.stderr).toContain("[KUBE_UNREACHABLE]");
    expect(proxy.asked.length).toBe(before);
  });

  it("proxy-url of a cluster", async () => {
    const { port } = new URL(cluster.server);
    await using proxy = await startConnectProxy(Number(port));
    const KUBECONFIG = await write("proxy-url", {
      server: `https://kubernetes.default.svc:${port}`,
      cluster: { "proxy-url": proxy.url },
    });
    expect(await instancesOf(["-n", namespace], { KUBECONFIG })).toEqual(["app"]);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });
});
