import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import {
  type Clock,
  type KubeClient,
  type KubeClientOptions,
  type KubeConnection,
  createKubeClient,
  loadKubeConfig,
  systemClock,
} from "@tenon/kube";
import { Agent, request } from "undici";

/** What becomes of one call: it passes, dies, dies after the server has done it, or is answered here. */
export type Fault =
  | "pass"
  | "cut"
  | "cut-answer"
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> };

/** A proxy before a real API server that decides over each call. */
export interface FaultyProxy extends AsyncDisposable {
  readonly client: KubeClient;
  readonly calls: { readonly method: string; readonly url: string }[];
  fault: (call: {
    readonly method: string;
    readonly url: string;
    readonly write: boolean;
  }) => Fault;
}

/** Repeats come soon; the lock is renewed as always. */
const impatient: Clock = {
  now: () => systemClock.now(),
  sleep: (time, signal) => systemClock.sleep(time < 5000 ? time / 20 : time, signal),
};

/** Starts a proxy with a client that goes through it. What never passes is soon given up. */
export async function startFaultyProxy(
  kubeconfig: string,
  options: KubeClientOptions = {},
): Promise<FaultyProxy> {
  const connection = await loadKubeConfig({ env: {}, kubeconfig });
  const { ca, cert, key } = connection.tls;
  const connect = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  const agent = new Agent({ connect });
  const proxy = {
    calls: [] as FaultyProxy["calls"],
    fault: (() => "pass") as FaultyProxy["fault"],
  };
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing, { agent, connection, proxy }).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const target = { ...connection, server: `http://127.0.0.1:${port}`, tls: {} };
  const client = createKubeClient(target, { clock: impatient, patienceMs: 300, ...options });
  return Object.assign(proxy, {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      server.closeAllConnections();
      server.close();
      await agent.close();
    },
  });
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  via: { agent: Agent; connection: KubeConnection; proxy: Pick<FaultyProxy, "calls" | "fault"> },
): Promise<void> {
  const { method = "GET", url = "/" } = incoming;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const write = method !== "GET" && !url.includes("dryRun=All");
  via.proxy.calls.push({ method, url });
  const fault = via.proxy.fault({ method, url, write });
  if (fault === "cut") {
    outgoing.destroy();
    return;
  }
  if (typeof fault === "object") {
    outgoing.writeHead(fault.status, fault.headers).end(fault.body ?? "");
    return;
  }
  const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
  const answer = await request(via.connection.server + url, {
    method: method as "GET",
    headers: headers as Record<string, string>,
    dispatcher: via.agent,
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  if (fault === "cut-answer") {
    await answer.body.dump();
    outgoing.destroy();
    return;
  }
  const { "transfer-encoding": ____, ...answered } = answer.headers;
  outgoing.once("close", () => answer.body.destroy());
  outgoing.writeHead(answer.statusCode, answered as Record<string, string>).flushHeaders();
  for await (const chunk of answer.body) outgoing.write(chunk);
  outgoing.end();
}
