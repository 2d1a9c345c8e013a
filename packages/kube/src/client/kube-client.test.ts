import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type RequestListener, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { type Clock, systemClock } from "../clock.ts";
import type { KubeError } from "../errors.ts";
import type { KubeConnection } from "./connection.ts";
import { parseExecConfig } from "./exec-credential.ts";
import { createKubeClient } from "./kube-client.ts";

const hasty: Clock = { now: () => Date.now(), sleep: (_, signal) => systemClock.sleep(1, signal) };

async function serve(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function connection(server: string, more: Partial<KubeConnection> = {}): KubeConnection {
  return {
    server,
    context: "test",
    namespace: "default",
    tls: {},
    auth: { type: "none" },
    env: process.env,
    ...more,
  };
}

async function failure(promise: Promise<unknown>): Promise<KubeError> {
  return promise.then(
    () => {
      throw new Error("Expected a failure");
    },
    (error: unknown) => error as KubeError,
  );
}

describe("KubeClient", () => {
  it("sends bodies as given, identifies itself and reads gzip and warnings", async () => {
    let seen: unknown;
    await using server = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const { authorization, "user-agent": agent, "content-type": type } = request.headers;
        const impersonated = [
          request.headers["impersonate-user"],
          request.headersDistinct["impersonate-group"],
        ];
        seen = { body, authorization, agent, type, impersonated, url: request.url };
        response
          .setHeader("warning", ['299 - "old \\"api\\""', '299 - "two"'])
          .setHeader("content-encoding", "gzip")
          .end(gzipSync('{"n":9007199254740993}'));
      });
    });
    await using client = createKubeClient(
      connection(server.url, {
        auth: { type: "token", token: "secret" },
        impersonate: { user: "jane", groups: ["a", "b"] },
      }),
      { userAgent: "tenon/1" },
    );
    const answer = await client.request({
      method: "PATCH",
      path: "/api/v1/x/y%3Az",
      query: { dryRun: "All", force: undefined },
      body: '{"2":1,"1":9007199254740993}',
      contentType: "application/apply-patch+yaml",
    });
    expect(answer).toMatchObject({
      text: '{"n":9007199254740993}',
      warnings: ['old "api"', "two"],
    });
    expect(seen).toEqual({
      body: '{"2":1,"1":9007199254740993}',
      authorization: "Bearer secret",
      agent: "tenon/1",
      type: "application/apply-patch+yaml",
      impersonated: ["jane", ["a", "b"]],
      url: "/api/v1/x/y%3Az?dryRun=All",
    });
  });

  it("repeats what does no harm, and gives up after a while", async () => {
    let calls = 0;
    await using server = await serve((_, response) => {
      calls++;
      if (calls === 1) response.destroy();
      else response.writeHead(calls < 4 ? 503 : 200).end("{}");
    });
    await using client = createKubeClient(connection(server.url), { clock: hasty });
    await client.request({ method: "GET", path: "/" });
    expect(calls).toBe(4);
    calls = -100;
    expect((await failure(client.request({ method: "GET", path: "/" }))).code).toBe(
      "KUBE_SERVER_ERROR",
    );
    expect(calls).toBe(-94);
    calls = 1;
    await failure(client.request({ method: "POST", path: "/", body: "{}" }));
    expect(calls).toBe(2);
  });

  it("waits as long as the server asks when it is told to slow down, even for a POST", async () => {
    let calls = 0;
    const slept: number[] = [];
    await using server = await serve((_, response) => {
      response.writeHead(++calls === 1 ? 429 : 200, { "retry-after": "7" }).end("{}");
    });
    const clock: Clock = { now: () => Date.now(), sleep: async (time) => void slept.push(time) };
    await using client = createKubeClient(connection(server.url), { clock });
    await client.request({ method: "POST", path: "/", body: "{}" });
    expect(slept).toEqual([7000]);
  });

  it("goes by the clock of the server", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    await using server = await serve((_, response) => response.writeHead(200, { date }).end("{}"));
    await using client = createKubeClient(connection(server.url));
    await client.request({ method: "GET", path: "/" });
    expect(client.now() - Date.now()).toBeGreaterThan(3_590_000);
  });

  it("names server and context when nobody listens", async () => {
    await using client = createKubeClient(connection("http://127.0.0.1:1"), { clock: hasty });
    const error = await failure(client.request({ method: "GET", path: "/", action: "read x" }));
    expect([error.code, error.message]).toEqual([
      "KUBE_UNREACHABLE",
      "Cannot read x: http://127.0.0.1:1 (context test) cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
    ]);
  });

  it("stops at once when told to", async () => {
    await using server = await serve(() => {});
    await using client = createKubeClient(connection(server.url));
    const stop = new AbortController();
    const running = client.request({ method: "GET", path: "/", signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(running).rejects.toThrow("enough");
  });

  it("goes through a proxy, with its credentials", async () => {
    await using target = await serve((_, response) => response.end('{"ok":true}'));
    let authorization: string | undefined;
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      authorization = request.headers["proxy-authorization"];
      const upstream = connect(Number(new URL(target.url).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on("error", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as AddressInfo;
    const through = connection("http://kube.invalid", { proxy: `http://u:p%40@127.0.0.1:${port}` });
    await using client = createKubeClient(through);
    expect((await client.request({ method: "GET", path: "/" })).text).toBe('{"ok":true}');
    expect(authorization).toBe(`Basic ${Buffer.from("u:p@").toString("base64")}`);
    proxy.close();
  });

  it("runs an exec plugin once, as kubectl does, and again when the server refuses", async () => {
    const dir = await mkdtemp(join(tmpdir(), "tenon-exec-"));
    await writeFile(
      join(dir, "plugin"),
      `#!/bin/sh
echo run >> "${dir}/runs"
echo "$KUBERNETES_EXEC_INFO" > "${dir}/info"
count=$(wc -l < "${dir}/runs" | tr -d ' ')
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"'$WORD$count'"}}'
`,
    );
    await chmod(join(dir, "plugin"), 0o755);
    const tokens: (string | undefined)[] = [];
    await using server = await serve((request, response) => {
      tokens.push(request.headers.authorization);
      response
        .writeHead(request.headers.authorization === "Bearer t1" && tokens.length > 2 ? 401 : 200)
        .end("{}");
    });
    const exec = parseExecConfig(
      {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "./plugin",
        env: [{ name: "WORD", value: "t" }],
        provideClusterInfo: true,
      },
      { directory: dir, cluster: { name: "c", server: server.url } },
    );
    await using client = createKubeClient(
      connection(server.url, { auth: { type: "exec", exec, interactive: false } }),
    );
    await Promise.all([1, 2].map(() => client.request({ method: "GET", path: "/" })));
    await client.request({ method: "GET", path: "/" });
    expect(tokens).toEqual(["Bearer t1", "Bearer t1", "Bearer t1", "Bearer t2"]);
    const info = JSON.parse(await readFile(join(dir, "info"), "utf8")) as object;
    expect(info).toMatchObject({
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: server.url } },
    });
    await rm(dir, { recursive: true });
  });

  it("runs an exec plugin again when its token has expired", async () => {
    const dir = await mkdtemp(join(tmpdir(), "tenon-exec-"));
    const status = '{"token":"t","expirationTimestamp":"2030-01-01T00:00:00Z"}';
    const script = `echo x >> "${dir}/runs"; echo '{"kind":"ExecCredential","status":${status}}'`;
    const exec = parseExecConfig(
      { command: "sh", args: ["-c", script] },
      { directory: dir, cluster: undefined },
    );
    await using server = await serve((_, response) => response.end("{}"));
    let now = Date.parse("2029-12-31T23:00:00Z");
    const clock: Clock = { ...systemClock, now: () => now };
    const auth = { type: "exec", exec, interactive: false } as const;
    await using client = createKubeClient(connection(server.url, { auth }), { clock });
    const runs: number[] = [];
    for (const step of [0, 3_599_000, 1000]) {
      now += step;
      await client.request({ method: "GET", path: "/" });
      runs.push((await readFile(join(dir, "runs"), "utf8")).length / 2);
    }
    expect(runs).toEqual([1, 1, 2]);
    await rm(dir, { recursive: true });
  });

  it("tells what an exec plugin complained about", async () => {
    const section = {
      command: "sh",
      args: ["-c", "echo please log in >&2; exit 3"],
      installHint: "install it",
    };
    const exec = parseExecConfig(section, { directory: "/", cluster: undefined });
    await using client = createKubeClient(
      connection("http://127.0.0.1:1", { auth: { type: "exec", exec, interactive: false } }),
    );
    const error = await failure(client.request({ method: "GET", path: "/" }));
    expect([error.code, error.message, error.hint]).toEqual([
      "KUBE_CREDENTIALS_FAILED",
      "Cannot get credentials from sh: it ended with 3: please log in",
      "install it",
    ]);
  });
});

describe("Discovery", () => {
  it("reads servers without aggregated discovery, and tolerates a broken group", async () => {
    await using server = await serve((request, response) => {
      const answers: Record<string, unknown> = {
        "/api": { kind: "APIVersions", versions: ["v1"] },
        "/apis": {
          kind: "APIGroupList",
          groups: [
            { versions: [{ groupVersion: "apps/v1" }] },
            { versions: [{ groupVersion: "down/v1" }] },
          ],
        },
        "/api/v1": {
          resources: [
            { name: "pods", kind: "Pod", namespaced: true, verbs: [] },
            { name: "pods/log", kind: "Pod" },
          ],
        },
        "/apis/apps/v1": {
          resources: [{ name: "deployments", kind: "Deployment", namespaced: true, verbs: [] }],
        },
      };
      const answer = answers[request.url ?? ""];
      response.writeHead(answer === undefined ? 503 : 200).end(JSON.stringify(answer));
    });
    await using client = createKubeClient(connection(server.url), { clock: hasty });
    expect((await client.discovery.get("apps/v1", "Deployment")).plural).toBe("deployments");
    expect((await client.discovery.all()).map(({ plural }) => plural)).toEqual([
      "pods",
      "deployments",
    ]);
    const error = await failure(client.discovery.get("apps/v1beta1", "Deployment"));
    expect([error.code, error.hint]).toEqual([
      "KUBE_KIND_UNKNOWN",
      "The server has Deployment in apps/v1",
    ]);
  });

  it("asks the cache first, and the server when a kind is not in it", async () => {
    let calls = 0;
    await using server = await serve((request, response) => {
      calls++;
      const item = {
        metadata: { name: "x.io" },
        versions: [
          {
            version: "v1",
            resources: [
              { resource: "as", responseKind: { kind: "A" }, scope: "Cluster", verbs: [] },
            ],
          },
        ],
      };
      const items = request.url === "/apis" ? [item] : [];
      response.end(JSON.stringify({ kind: "APIGroupDiscoveryList", items }));
    });
    let kept: string | undefined;
    const discoveryCache = {
      read: async () => kept,
      write: async (_: string, text: string) => void (kept = text),
    };
    await using first = createKubeClient(connection(server.url), { discoveryCache });
    expect(await first.discovery.find("x.io/v1", "A")).toMatchObject({
      plural: "as",
      namespaced: false,
    });
    expect(calls).toBe(2);
    await using second = createKubeClient(connection(server.url), { discoveryCache });
    expect(await second.discovery.find("x.io/v1", "A")).toBeDefined();
    expect(calls).toBe(2);
    expect(await second.discovery.find("x.io/v1", "B")).toBeUndefined();
    expect(calls).toBe(4);
    kept = "{";
    await using third = createKubeClient(connection(server.url), { discoveryCache });
    expect(await third.discovery.find("x.io/v1", "A")).toBeDefined();
  });
});
