import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import type { ClusterInfo } from "./start-cluster.ts";
import { tempDir } from "./temp-dir.ts";

/** A request that the API server has answered. */
export interface ProxyCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A plain HTTP proxy in front of the API server that adds the administrator's credentials. */
export interface ApiProxy extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
  /** A kubeconfig that leads through the proxy. */
  readonly kubeconfig: string;
  /** What the API server sees as the user agent, unique to this proxy. */
  readonly userAgent: string;
  /** All calls since the start or the last {@link ApiProxy.reset}. */
  readonly calls: readonly ProxyCall[];
  /** The calls that changed something, or tried to: dry runs are none. */
  writes(): ProxyCall[];
  /** Forgets the calls; from now on `onResponse` is told of each answer before it is passed on. */
  reset(onResponse?: (call: ProxyCall, count: number) => void): void;
  /** Resolves when no request is under way at the API server. */
  idle(): Promise<void>;
}

let proxies = 0;

/** Starts a proxy. */
export async function startApiProxy(
  cluster: ClusterInfo,
  options: {
    /** Milliseconds that each request is held back before it goes on. */
    readonly delayMs?: number;
  } = {},
): Promise<ApiProxy> {
  const userAgent = `tenon-e2e-proxy-${process.pid}-${++proxies}`;
  const agent = new Agent({ keepAlive: true, ca: cluster.ca });
  const target = new URL(cluster.server);
  const open = new Set<Promise<void>>();
  let calls: ProxyCall[] = [];
  let onResponse: ((call: ProxyCall, count: number) => void) | undefined;

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> =>
    new Promise((resolve) => {
      if (outgoing.destroyed) return resolve();
      const { method = "GET", url: path = "/" } = incoming;
      const headers = {
        ...incoming.headers,
        host: target.host,
        authorization: `Bearer ${cluster.token}`,
        "user-agent": userAgent,
      };
      const upstream = request({
        agent,
        host: target.hostname,
        port: target.port,
        method,
        path,
        headers,
      });
      upstream.once("response", (response) => {
        const call = { method, path, status: response.statusCode ?? 0 };
        calls.push(call);
        onResponse?.(call, calls.length);
        response.once("close", resolve);
        // What a client that is gone does not take any more would never end.
        outgoing.once("close", () => response.unpipe(outgoing).resume());
        if (outgoing.destroyed) return void response.resume();
        outgoing.writeHead(call.status, response.headers);
        response.pipe(outgoing);
      });
      upstream.once("error", () => {
        outgoing.destroy();
        resolve();
      });
      // What the client asked for is carried out even when it is gone, but for watches, and for
      // what it did not finish asking.
      outgoing.once("close", () => {
        if (path.includes("watch=") || !incoming.complete) upstream.destroy();
      });
      incoming.pipe(upstream);
    });

  const server = createServer((incoming, outgoing) => {
    const { delayMs } = options;
    const held = delayMs === undefined ? Promise.resolve() : delay(delayMs);
    const done: Promise<void> = held
      .then(() => forward(incoming, outgoing))
      .finally(() => open.delete(done));
    open.add(done);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const dir = await tempDir();
  const url = `http://127.0.0.1:${port}`;
  const kubeconfig = await dir.write({ kubeconfig: kubeconfigFor(url) });
  return {
    url,
    kubeconfig,
    userAgent,
    get calls() {
      return calls;
    },
    writes: () => calls.filter(isWrite),
    reset(listener) {
      calls = [];
      onResponse = listener;
    },
    async idle() {
      while (open.size > 0) await Promise.all(open);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
      await dir[Symbol.asyncDispose]();
    },
  };
}

function isWrite({ method, path }: ProxyCall): boolean {
  return !["GET", "HEAD", "OPTIONS"].includes(method) && !path.includes("dryRun=All");
}

function kubeconfigFor(server: string): string {
  return `apiVersion: v1
kind: Config
current-context: proxy
clusters: [{ name: proxy, cluster: { server: "${server}" } }]
users: [{ name: proxy, user: {} }]
contexts: [{ name: proxy, context: { cluster: proxy, user: proxy } }]
`;
}
