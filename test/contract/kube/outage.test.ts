import { mkdtemp, rm } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type KubeClient,
  type Retry,
  applyInstance,
  createKubeClient,
  deleteInstance,
  getInstance,
  listInstances,
  listObjects,
  loadKubeConfig,
} from "@tenon/kube";
import { Agent, request } from "undici";
import { expect, it } from "vitest";

import { startServer } from "../../support/start-server.ts";
import { toolPath } from "../../support/tools.ts";
import {
  type ClusterInfo,
  configMap,
  deployment,
  describeOnCluster,
  desired,
  set,
  unique,
  useCluster,
} from "./cluster.ts";
import { type Fault, startFaultyProxy } from "./faulty-proxy.ts";

const configMaps = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
  verbs: [],
} as const;

async function namesIn(client: KubeClient, namespace: string): Promise<string[]> {
  const found = await listObjects(client, configMaps, {
    namespace,
    labelSelector: "tenon.dev/instance=app",
  });
  return found.map(({ metadata }) => metadata.name);
}

describeOnCluster("an API server that falters", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  const conflict = JSON.stringify({ kind: "Status", reason: "Conflict", message: "was modified" });
  const faults: readonly Fault[] = [
    "cut",
    "cut-answer",
    { status: 429, headers: { "retry-after": "1" } },
    { status: 500, body: "internal" },
    { status: 502, body: "<html>" },
    { status: 503, body: "upstream" },
    { status: 504, body: "timeout" },
  ];

  it.each([0, 1, 2, 3, 4, 5, 6])("fails every call at first, in order from %i on", async (from) => {
    const ns = unique("faults");
    await using proxy = await startFaultyProxy(cluster.kubeconfig, { patienceMs: 30_000 });
    await proxy.client.version();
    const failed = new Map<string, number>();
    let next = from;
    proxy.fault = ({ method, url }) => {
      const key = `${method} ${url}`;
      const count = failed.get(key) ?? 0;
      if (url.includes("watch=true") || count >= 2) return "pass";
      failed.set(key, count + 1);
      if (url.includes("fieldValidation") && count === 1) return { status: 409, body: conflict };
      return faults[next++ % faults.length]!;
    };
    const app = (...names: string[]) =>
      desired("app", ns, [
        set("main", ...names.map((name) => configMap(name, {})), deployment("web")),
      ]);
    await applyInstance(proxy.client, app("a", "b", "c"), { timeoutMs: 60_000 });
    expect(await namesIn(client, ns)).toEqual(["a", "b", "c"]);
    failed.clear();
    await applyInstance(proxy.client, app("a", "d"), { timeoutMs: 60_000 });
    expect(await namesIn(client, ns)).toEqual(["a", "d"]);
    expect(await getInstance(client, "app", ns)).toMatchObject({ state: "applied", revision: 2 });
    failed.clear();
    await deleteInstance(proxy.client, "app", ns, { timeoutMs: 60_000 });
    expect(await namesIn(client, ns)).toEqual([]);
    expect((await listInstances(client, { namespace: ns })).instances).toEqual([]);
  });
});

describeOnCluster("an API server that restarts", () => {
  it("is ridden out in the middle of an apply and of a wait", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tenon-restart-"));
    const front = await startFront();
    try {
      let running = await startIn(folder);
      await front.leadTo(running.kubeconfig);
      const connection = { ...(await loadKubeConfig({ env: {}, kubeconfig: running.kubeconfig })) };
      const retries: Retry[] = [];
      await using client = createKubeClient(
        { ...connection, server: front.url, tls: {}, auth: { type: "none" } },
        { onRetry: (retry) => retries.push(retry) },
      );
      const names = Array.from({ length: 60 }, (_, index) => `part-${index}`);
      const app = desired("app", "restarted", [
        set("main", ...names.map((name) => configMap(name, {}))),
        set("slow", deployment("web", "nginx:1", slow)),
      ]);
      let [changes, restarts] = [0, 0];
      let restarting: Promise<void> | undefined;
      const restart = (): void => {
        restarts++;
        restarting = (async () => {
          front.leadNowhere();
          await running.stop();
          running = await startIn(folder, "--fresh=false");
          await front.leadTo(running.kubeconfig);
        })();
      };
      await applyInstance(client, app, {
        timeoutMs: 240_000,
        onEvent: (event) => {
          if (event.type === "change" && ++changes === 20) restart();
          if (event.type === "waiting" && event.what === "ready") restart();
        },
      });
      await restarting;
      expect(restarts).toBe(2);
      expect(retries.length).toBeGreaterThan(0);
      expect(await namesIn(client, "restarted")).toEqual(
        names.toSorted((a, b) => (a < b ? -1 : 1)),
      );
      const instance = await getInstance(client, "app", "restarted");
      expect(instance).toMatchObject({ state: "applied", revision: 1 });
      await running.stop();
    } finally {
      front.close();
      await rm(folder, { recursive: true, force: true });
    }
  }, 300_000);
});

const slow = { annotations: { "cluster.tenon.dev/simulate": "slow:2s" } };

interface Running {
  readonly kubeconfig: string;
  stop(): PromiseLike<void>;
}

async function startIn(folder: string, ...more: string[]): Promise<Running> {
  const args = ["serve", "--dir", folder, "--exit-on-stdin-close", ...more];
  const server = await startServer(toolPath("TENON_TEST_CLUSTER"), args);
  const { kubeconfig } = JSON.parse(server.firstLine) as { kubeconfig: string };
  return { kubeconfig, stop: () => server[Symbol.asyncDispose]() };
}

/** An address that stays while the API server behind it comes and goes, as a load balancer's does. */
async function startFront() {
  let target: { server: string; agent: Agent; token: string } | undefined;
  const server: Server = createServer((incoming, outgoing) => {
    const to = target;
    if (to === undefined) {
      incoming.socket.destroy();
      return;
    }
    const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const answer = await request(to.server + (incoming.url ?? ""), {
        method: (incoming.method ?? "GET") as "GET",
        headers: { ...(headers as Record<string, string>), authorization: `Bearer ${to.token}` },
        dispatcher: to.agent,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const { "transfer-encoding": ____, ...answered } = answer.headers;
      outgoing.writeHead(answer.statusCode, answered as Record<string, string>);
      outgoing.flushHeaders();
      for await (const chunk of answer.body) outgoing.write(chunk);
      outgoing.end();
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async leadTo(kubeconfig: string) {
      const { server: url, tls, auth } = await loadKubeConfig({ env: {}, kubeconfig });
      if (auth.type !== "token") throw new Error("Expected a token");
      const agent = new Agent({ connect: { ca: tls.ca! } });
      target = { server: url, agent, token: auth.token };
    },
    leadNowhere() {
      void target?.agent.destroy();
      target = undefined;
      server.closeAllConnections();
    },
    close() {
      void target?.agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
