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

  const get = { method: "GET", path: "/", action: "read x" } as const;
  const post = { method: "POST", path: "/", body: "{}" } as const;

  it("makes a few attempts when the server was never reached", async () => {
    let calls = 0;
    await using server = await serve((_, response) => {
      calls++;
      response.destroy();
    });
    await using client = createKubeClient(connection(server.url), { clock: hasty });
    expect((await failure(client.request(get))).code).toBe("KUBE_UNREACHABLE");
    expect(calls).toBe(2);
    calls = 0;
    await using busy = await serve((_, response) => {
      calls++;
      response.writeHead(503).end("no upstream");
    });
    await using other = createKubeClient(connection(busy.url), { clock: hasty });
    expect((await failure(other.request(get))).code).toBe("KUBE_SERVER_ERROR");
    expect(calls).toBe(6);
  });

  it("rides out a server that goes away for a while, and tells so", async () => {
    let [now, status, calls] = [0, 200, 0];
    const clock: Clock = { now: () => now, sleep: async (time) => void (now += time) };
    await using server = await serve((_, response) => {
      calls++;
      if (now >= 50_000) status = 200;
      if (status === 0) response.destroy();
      else response.writeHead(status).end("{}");
    });
    for (const away of [0, 502, 503, 429]) {
      [now, status] = [0, 200];
      const told: [string, string][] = [];
      await using client = createKubeClient(connection(server.url), {
        clock,
        onRetry: ({ action, reason, sinceMs }) => {
          told.push([action, reason]);
          expect(sinceMs).toBeLessThan(50_000);
        },
      });
      await client.request(get);
      [status, calls] = [away, 0];
      await client.request(get);
      expect(calls).toBeGreaterThan(13);
      expect(told.length).toBeGreaterThan(5);
      expect(told.length).toBeLessThanOrEqual(12);
      expect(told[0]).toEqual(["read x", away === 0 ? "unreachable" : "busy"]);
    }
  });

  it("gives up when a server that was there does not come back in time", async () => {
    let now = 0;
    const clock: Clock = { now: () => now, sleep: async (time) => void (now += time) };
    const server = await serve((_, response) => response.end("{}"));
    const client = createKubeClient(connection(server.url), { clock, patienceMs: 20_000 });
    await using _ = client;
    await client.request(get);
    await server[Symbol.asyncDispose]();
    expect((await failure(client.request(get))).code).toBe("KUBE_UNREACHABLE");
    expect(now).toBeGreaterThanOrEqual(20_000);
    expect(now).toBeLessThan(25_000);
  });

  it("repeats a POST only when the server cannot have seen it", async () => {
    let [calls, status] = [0, 200];
    await using server = await serve((_, response) => {
      calls++;
      if (status === 0) response.destroy();
      else response.writeHead(status).end("{}");
    });
    await using client = createKubeClient(connection(server.url), { clock: hasty });
    for (status of [200, 500, 503, 504, 0]) await client.request(post).catch(() => {});
    expect(calls).toBe(5);
  });

  it("makes a few attempts after failures that may be lasting", async () => {
    for (const failing of [500, 504]) {
      let calls = 0;
      await using server = await serve((_, response) => {
        calls++;
        response.writeHead(calls === 1 ? 200 : failing).end("{}");
      });
      await using client = createKubeClient(connection(server.url), { clock: hasty });
      await client.request(get);
      await failure(client.request(get));
      expect(calls).toBe(7);
    }
  });

  it("repeats after a conflict with another writer what names no version", async () => {
    const conflict = JSON.stringify({ kind: "Status", reason: "Conflict", message: "modified" });
    let calls = 0;
    await using server = await serve((_, response) => {
      calls++;
      if (calls % 3 === 0) response.end("{}");
      else response.writeHead(409).end(conflict);
    });
    await using client = createKubeClient(connection(server.url), { clock: hasty });
    const patch = { method: "PATCH", path: "/", body: "{}" } as const;
    await client.request({ ...patch, unversioned: true });
    expect(calls).toBe(3);
    expect((await failure(client.request(patch))).code).toBe("KUBE_STALE");
    expect(calls).toBe(4);
  });

  it("gives a server that has just come back the time to know its users", async () => {
    const answers = [200, 0, 403, 401, 200, 200];
    await using server = await serve((_, response) => {
      const status = answers.shift()!;
      if (status === 0) response.destroy();
      else response.writeHead(status).end("{}");
    });
    await using client = createKubeClient(connection(server.url), { clock: hasty });
    await client.request(get);
    await client.request(get);
    await client.request(get);
    answers.push(403);
    await using another = createKubeClient(connection(server.url), { clock: hasty });
    expect((await failure(another.request(get))).code).toBe("KUBE_REJECTED");
    expect(answers).toEqual([]);
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
