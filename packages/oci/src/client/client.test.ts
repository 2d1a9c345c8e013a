import { createHash, randomBytes } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type Digest, sha256 } from "@tenon/core";
import { afterEach, describe, expect, it } from "vitest";

import { fixedCredential } from "../auth/credential-store.ts";
import { type CredentialSource } from "../auth/credential.ts";
import { bytesContent } from "../content/content.ts";
import { readAll } from "../content/web-stream.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import { serveRegistry } from "../server/serve.ts";
import { type RegistryClient, type RegistryClientOptions, createRegistryClient } from "./client.ts";
import type { Clock } from "./clock.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** One request as a hostile registry sees it. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

type Handler = (request: IncomingMessage, response: ServerResponse, seen: readonly Seen[]) => void;

/** A server that does as the test says, and remembers what it was asked. */
async function serve(handler: Handler): Promise<{ host: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers });
    handler(request, response, seen);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A registry in memory, and a server of it. */
async function serveMemory() {
  const registry = createMemoryRegistry();
  const real = await serveRegistry(registry);
  cleanups.push(() => real.close());
  return { registry, real };
}

/** A clock that never waits, and remembers for how long it was asked to. */
function impatientClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => Date.now(),
    sleep: async (milliseconds) => {
      pauses.push(Math.round(milliseconds));
    },
    random: () => 0.5,
  };
}

function connect(host: string, options: Partial<RegistryClientOptions> = {}): RegistryClient {
  const client = createRegistryClient({
    host,
    plainHttp: true,
    clock: impatientClock(),
    ...options,
  });
  cleanups.push(() => client.close());
  return client;
}

async function bytesOf(client: RegistryClient, digest: Digest, size?: number): Promise<Buffer> {
  const { stream } = await client.readBlob("org/app", { digest, size });
  return readAll(stream, 100_000_000, "blob");
}

const basic: (host: string) => CredentialSource = (host) =>
  fixedCredential(host, { kind: "basic", username: "user", password: "s3cret" });

describe("reading blobs", () => {
  const bytes = randomBytes(300_000);
  const digest = sha256(bytes);

  it("fails when the content has another digest", async () => {
    const { host } = await serve((_, response) => response.end(randomBytes(300_000)));
    const reading = bytesOf(connect(host), digest);
    await expect(reading).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
  });

  it("fails when the content has another size than the manifest says", async () => {
    const { host } = await serve((_, response) => response.end(bytes));
    const reading = bytesOf(connect(host), digest, bytes.length - 1);
    await expect(reading).rejects.toMatchObject({ code: "OCI_SIZE_MISMATCH" });
  });

  it("goes on where the connection broke", async () => {
    const { host, seen } = await serve((request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const part = bytes.subarray(start, Math.min(start + 70_000, bytes.length));
      const isLast = start + part.length === bytes.length;
      response.writeHead(start > 0 ? 206 : 200, {
        "content-length": bytes.length - start,
        ...(start > 0 && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
      });
      response.write(part, () =>
        isLast ? response.end() : setTimeout(() => response.destroy(), 20),
      );
    });
    expect((await bytesOf(connect(host), digest, bytes.length)).equals(bytes)).toBe(true);
    expect(seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      "bytes=70000-299999",
      "bytes=140000-299999",
      "bytes=210000-299999",
      "bytes=280000-299999",
    ]);
  });

  it("goes on when the registry sends everything again", async () => {
    const { host, seen } = await serve((_, response, all) => {
      response.writeHead(200, { "content-length": bytes.length });
      if (all.length > 1) response.end(bytes);
      else
        response.write(bytes.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect((await bytesOf(connect(host), digest)).equals(bytes)).toBe(true);
    expect(seen).toHaveLength(2);
  });

  it("gives up on a registry that never sends all", async () => {
    const { host, seen } = await serve((_, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 10), () => setTimeout(() => response.destroy(), 5));
    });
    const reading = bytesOf(connect(host), digest);
    await expect(reading).rejects.toMatchObject({ code: "OCI_UNREACHABLE" });
    expect(seen.length).toBeLessThan(10);
  });

  it("fails on another range than it asked for", async () => {
    const { host } = await serve((request, response) => {
      const isFirst = request.headers.range === undefined;
      response.writeHead(isFirst ? 200 : 206, {
        "content-length": isFirst ? bytes.length : 10,
        "content-range": `bytes 200000-200009/${bytes.length}`,
      });
      response.write(bytes.subarray(0, isFirst ? 1000 : 10), () =>
        setTimeout(() => response.destroy(), 20),
      );
    });
    const reading = bytesOf(connect(host), digest);
    await expect(reading).rejects.toMatchObject({ code: "OCI_PROTOCOL_VIOLATED" });
  });

  it("stops when the signal is aborted in the middle", async () => {
    const { host } = await serve((_, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 1000));
    });
    const stop = new AbortController();
    const { stream } = await connect(host).readBlob("org/app", { digest }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(readAll(stream, 1_000_000, "blob")).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("reading manifests", () => {
  it("computes the digest and does not trust the header", async () => {
    const { host } = await serve((_, response) => {
      response
        .writeHead(200, { "docker-content-digest": sha256("a lie") })
        .end('{"schemaVersion":2}');
    });
    const { descriptor } = await connect(host).readManifest("org/app", "1.0.0");
    expect(descriptor.digest).toBe(sha256('{"schemaVersion":2}'));
    const byDigest = connect(host).readManifest("org/app", sha256("other"));
    await expect(byDigest).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
  });

  it("verifies sha512 digests", async () => {
    const body = '{"schemaVersion":2}';
    const { host } = await serve((_, response) => response.end(body));
    const digest = `sha512:${createHash("sha512").update(body).digest("hex")}`;
    expect((await connect(host).readManifest("org/app", digest)).descriptor.digest).toBe(digest);
  });

  it("refuses huge ones without reading them", async () => {
    let sent = 0;
    const { host } = await serve((_, response) => {
      const more = (): void => {
        sent += 65_536;
        if (!response.destroyed)
          response.write(Buffer.alloc(65_536, 0x20), () => setImmediate(more));
      };
      more();
    });
    const reading = connect(host).readManifest("org/app", "1.0.0");
    await expect(reading).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
    expect(sent).toBeLessThan(40_000_000);
  });

  it.each([
    [404, "OCI_MANIFEST_UNKNOWN"],
    [401, "OCI_UNAUTHORIZED"],
    [403, "OCI_DENIED"],
    [418, "OCI_REQUEST_REJECTED"],
    [429, "OCI_RATE_LIMITED"],
    [500, "OCI_SERVER_FAILED"],
  ])("tells %i as %s", async (status, code) => {
    const { host } = await serve((_, response) => response.writeHead(status).end("no json"));
    const reading = connect(host).readManifest("org/app", "1.0.0");
    await expect(reading).rejects.toMatchObject({ code, details: { status } });
  });

  it("shows no control characters and no endless text of the registry", async () => {
    const message = `\u001b[31mred\u0007 https://user:pw@host/?token=x ${"x".repeat(10_000)}`;
    const { host } = await serve((_, response) => {
      response
        .writeHead(404)
        .end(JSON.stringify({ errors: [{ code: "NAME_UNKNOWN\u001b", message }] }));
    });
    const error = (await connect(host)
      .readManifest("org/app", "1.0.0")
      .catch((e: unknown) => e)) as Error;
    expect(error.message.length).toBeLessThan(500);
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001f]|pw|token=x/);
  });
});

describe("repeating requests", () => {
  it("waits as long as the registry asks", async () => {
    const { host, seen } = await serve((_, response, all) => {
      if (all.length < 3) response.writeHead(429, { "retry-after": "7" }).end();
      else response.end("{}");
    });
    const clock = impatientClock();
    await connect(host, { clock }).readManifest("org/app", "1.0.0");
    expect([clock.pauses, seen.length]).toEqual([[7000, 7000], 3]);
  });

  it("waits longer each time, and not for ever", async () => {
    const { host, seen } = await serve((_, response) => response.writeHead(503).end());
    const clock = impatientClock();
    const reading = connect(host, { clock }).readManifest("org/app", "1.0.0");
    await expect(reading).rejects.toMatchObject({ code: "OCI_SERVER_FAILED" });
    expect([clock.pauses, seen.length]).toEqual([[300, 600, 1200], 4]);
  });

  it("does not repeat what will not change", async () => {
    const { host, seen } = await serve((_, response) => response.writeHead(400).end());
    await expect(connect(host).readManifest("org/app", "1.0.0")).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });

  it("repeats a manifest whose digest the registry doubts, and gives up in the end", async () => {
    const doubt = JSON.stringify({ errors: [{ code: "DIGEST_INVALID", message: "not this one" }] });
    const manifest = { mediaType: "application/json", bytes: Buffer.from("{}") };
    const push = (host: string) => connect(host).pushManifest("org/app", manifest);
    const once = await serve((_, response, all) => {
      if (all.length === 1) response.writeHead(400).end(doubt);
      else response.writeHead(201, { "oci-subject": "none" }).end();
    });
    expect([(await push(once.host)).digest, once.seen.length]).toEqual([sha256("{}"), 2]);
    const always = await serve((_, response) => response.writeHead(400).end(doubt));
    await expect(push(always.host)).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    expect(always.seen).toHaveLength(4);
  });

  it("begins an upload again from its start", async () => {
    const { registry, real } = await serveMemory();
    const bytes = randomBytes(3_000_000);
    const { digest, open, size } = bytesContent(bytes);
    let broken = 0;
    const { host } = await serve((request, response) => {
      if (request.method === "PATCH" && broken++ < 2) {
        request.once("data", () => request.socket.destroy());
        return;
      }
      void proxy(request, response, real.host);
    });
    let opened = 0;
    const counting = () => {
      opened++;
      return open();
    };
    await connect(host).pushBlob("org/app", { digest, size }, counting);
    expect([opened, await registry.statBlob("org/app", digest)]).toEqual([3, size]);
  });

  it("sends content again that was changed on its way, and not what was other content before", async () => {
    const { registry, real } = await serveMemory();
    const bytes = randomBytes(3_000_000);
    const { digest, open, size } = bytesContent(bytes);
    let changed = 0;
    const { host, seen } = await serve((request, response) => {
      const isChanged = request.method === "PATCH" && changed++ === 0;
      void proxy(request, response, real.host, (sent) => (isChanged ? sent.fill(0) : sent));
    });
    await connect(host).pushBlob("org/app", { digest, size }, open);
    const patches = seen.filter(({ method }) => method === "PATCH");
    expect([patches.length, await registry.statBlob("org/app", digest)]).toEqual([2, size]);
    const other = bytesContent(Buffer.alloc(size)).open;
    await expect(
      connect(host).pushBlob("org/other", { digest, size }, other),
    ).rejects.toMatchObject({
      code: "OCI_DIGEST_MISMATCH",
      message: expect.stringMatching(/its content has digest/),
    });
    expect(await registry.statBlob("org/other", digest)).toBeUndefined();
  });

  it("tells that a registry is down", async () => {
    const { host } = await serve(() => undefined);
    await cleanups.pop()?.();
    const reading = connect(host, { plainHttp: false }).readManifest("org/app", "1.0.0");
    await expect(reading).rejects.toMatchObject({
      code: "OCI_UNREACHABLE",
      message: expect.stringMatching(/connection refused$/),
    });
  });

  it("passes on what the content's own source says", async () => {
    const { real: server } = await serveMemory();
    const open = () =>
      new ReadableStream<Uint8Array>({
        pull() {
          throw new RangeError("disk on fire");
        },
      });
    const pushing = connect(server.host).pushBlob(
      "org/app",
      { digest: sha256("x"), size: 5_000_000 },
      open,
    );
    await expect(pushing).rejects.toThrow("disk on fire");
  });
});

describe("credentials", () => {
  it("are sent only when they are asked for", async () => {
    const { host, seen } = await serve((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
      } else response.end("{}");
    });
    const client = connect(host, { credentials: basic(host) });
    await client.readManifest("org/app", "1.0.0");
    await client.readManifest("org/app", "1.0.0");
    const sent = seen.map(({ headers }) => headers.authorization);
    const header = `Basic ${Buffer.from("user:s3cret").toString("base64")}`;
    expect(sent).toEqual([undefined, header, header]);
  });

  it("do not follow a redirect to another host", async () => {
    const blob = Buffer.from("content");
    const thief = await serve((_, response) => response.end(blob));
    const { host } = await serve((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      } else response.writeHead(307, { location: `http://u:p@${thief.host}/blob` }).end();
    });
    const client = connect(host, { credentials: basic(host) });
    expect(String(await bytesOf(client, sha256(blob), blob.length))).toBe("content");
    expect(thief.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("do not go with an upload to another host", async () => {
    const thief = await serve((request, response) => {
      request.resume();
      response.writeHead(201).end();
    });
    const { host } = await serve((request, response) => {
      request.resume();
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      } else response.writeHead(202, { location: `http://${thief.host}/upload?a=b` }).end();
    });
    const { digest, open, size } = bytesContent(Buffer.from("content"));
    await connect(host, { credentials: basic(host) }).pushBlob("org/app", { digest, size }, open);
    expect(thief.seen.map(({ method, url }) => `${method} ${url.split("&")[0]}`)).toEqual([
      "PUT /upload?a=b",
    ]);
    expect(thief.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("do not follow redirects in a circle", async () => {
    const { host, seen } = await serve((_, response) => {
      response.writeHead(302, { location: "/v2/again" }).end();
    });
    const reading = connect(host).readManifest("org/app", "1.0.0");
    await expect(reading).rejects.toMatchObject({ code: "OCI_PROTOCOL_VIOLATED" });
    expect(seen).toHaveLength(6);
  });

  it("get a token for each scope once", async () => {
    const tokens: string[] = [];
    const service = await serve((request, response) => {
      tokens.push(`${request.headers.authorization?.split(" ")[0]} ${request.url}`);
      response.end(JSON.stringify({ token: `t${tokens.length}`, expires_in: 300 }));
    });
    const { host, seen } = await serve((request, response) => {
      request.resume();
      if (!request.headers.authorization?.startsWith("Bearer t")) {
        const challenge = `Bearer realm="http://${service.host}/token",service="reg, istry",scope="repository:org/app:pull"`;
        response
          .writeHead(401, { "www-authenticate": challenge })
          .end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      } else if (request.method === "PUT") response.writeHead(201).end();
      else response.end("{}");
    });
    const client = connect(host, { credentials: basic(host) });
    await client.readManifest("org/app", "1.0.0");
    await Promise.all([client.readManifest("org/app", "2"), client.readManifest("org/app", "3")]);
    await client.pushManifest("org/app", { mediaType: "application/x", bytes: Buffer.from("{}") });
    expect(tokens).toEqual([
      "Basic /token?service=reg%2C+istry&scope=repository%3Aorg%2Fapp%3Apull&client_id=tenon&account=user",
      "Basic /token?service=reg%2C+istry&scope=repository%3Aorg%2Fapp%3Apull%2Cpush&client_id=tenon&account=user",
    ]);
    expect(seen).toHaveLength(5);
  });

  it("renew a token that the registry does not take any more", async () => {
    let issued = 0;
    const service = await serve((_, response) => {
      response.end(JSON.stringify({ access_token: `t${++issued}`, expires_in: 3600 }));
    });
    const { host } = await serve((request, response, all) => {
      const good = all.length > 4 ? "Bearer t2" : "Bearer t1";
      if (request.headers.authorization === good) response.end("{}");
      else
        response
          .writeHead(401, { "www-authenticate": `Bearer realm="http://${service.host}/t"` })
          .end();
    });
    const client = connect(host);
    for (let times = 0; times < 5; times++) await client.readManifest("org/app", "1.0.0");
    expect(issued).toBe(2);
  });

  it("exchange an identity token by POST, and never send it on to another host", async () => {
    const bodies: string[] = [];
    const thief = await serve((request, response) => {
      request.resume();
      response.end('{"token":"x"}');
    });
    const service = await serve((request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => bodies.push(text));
      request.on("end", () => {
        if (request.url === "/moved")
          response.writeHead(307, { location: `http://${thief.host}/` }).end();
        else response.end('{"access_token":"good"}');
      });
    });
    for (const path of ["/token", "/moved"]) {
      const { host } = await serve((request, response) => {
        if (request.headers.authorization === "Bearer good") response.end("{}");
        else
          response
            .writeHead(401, {
              "www-authenticate": `Bearer realm="http://${service.host}${path}",service=s`,
            })
            .end();
      });
      const credentials = fixedCredential(host, { kind: "identity", token: "refresh-me" });
      const reading = connect(host, { credentials }).readManifest("org/app", "1.0.0");
      if (path === "/token") await reading;
      else await expect(reading).rejects.toMatchObject({ code: "OCI_PROTOCOL_VIOLATED" });
    }
    expect(bodies[0]).toBe(
      "grant_type=refresh_token&client_id=tenon&service=s&scope=repository%3Aorg%2Fapp%3Apull&refresh_token=refresh-me",
    );
    expect(thief.seen).toEqual([]);
  });

  it("never stand in an error", async () => {
    const { host } = await serve((_, response) => {
      response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
    });
    const error = (await connect(host, { credentials: basic(host) })
      .readManifest("org/app", "1.0.0")
      .catch((e: unknown) => e)) as Error & { hint: string };
    expect(error).toMatchObject({
      code: "OCI_UNAUTHORIZED",
      hint: `Run: tenon registry login ${host}`,
    });
    expect(JSON.stringify([error.message, error, error.cause])).not.toMatch(/s3cret|czNjcmV0/);
  });
});

describe("lists", () => {
  it("follow their pages", async () => {
    const { host, seen } = await serve((request, response) => {
      const last = new URL(request.url!, "http://x").searchParams.get("last");
      const next = last === null ? "b" : last === "b" ? "d" : undefined;
      if (next !== undefined)
        response.setHeader("link", `</v2/org/app/tags/list?last=${next}>; rel="next"`);
      const tags = last === null ? ["a", "b"] : last === "b" ? ["c", "d"] : null;
      response.end(JSON.stringify({ name: "org/app", tags }));
    });
    const tags: string[] = [];
    for await (const tag of connect(host).listTags("org/app")) tags.push(tag);
    expect([tags, seen.length]).toEqual([["a", "b", "c", "d"], 3]);
  });

  it("are not asked for beyond what is taken", async () => {
    const { host, seen } = await serve((_, response, all) => {
      response.setHeader("link", `</v2/org/app/tags/list?last=${all.length}>; rel="next"`);
      response.end('{"tags":["a"]}');
    });
    for await (const _ of connect(host).listTags("org/app")) break;
    expect(seen).toHaveLength(1);
  });
});

describe("connections", () => {
  it("are reused, also after HEAD, and bounded", async () => {
    const sockets = new Set<unknown>();
    const { host } = await serve((request, response) => {
      sockets.add(request.socket);
      setTimeout(
        () =>
          response
            .writeHead(200, { "content-length": 5 })
            .end(request.method === "HEAD" ? undefined : "12345"),
        2,
      );
    });
    const client = connect(host, { connections: 3 });
    for (let times = 0; times < 20; times++) await client.statBlob("org/app", sha256("x"));
    expect(sockets.size).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 30 }, () => client.statBlob("org/app", sha256("x"))));
    expect(sockets.size).toBeLessThanOrEqual(3);
  });
});

async function proxy(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  change: (sent: Buffer) => Buffer = (sent) => sent,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await fetch(`http://${host}${request.url}`, {
    method: request.method!,
    headers: Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name.startsWith("content-t")),
    ) as Record<string, string>,
    ...(chunks.length > 0 && { body: change(Buffer.concat(chunks)) }),
  });
  const location = answer.headers.get("location");
  response.writeHead(answer.status, location === null ? {} : { location });
  response.end(await answer.text());
}
