import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { type Socket, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { bytesContent } from "../content/content.ts";
import { createLayoutRegistry } from "../layout/layout.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import { type RegistryServer, type ServeRegistryOptions, serveRegistry } from "./serve.ts";

let folder = "";
let server: RegistryServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-limits-"));
});
afterEach(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(options: ServeRegistryOptions): Promise<string> {
  server = await serveRegistry(createLayoutRegistry(folder), options);
  return `http://${server.host}`;
}

function dial(): Socket {
  const socket = connect(server!.port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}

async function textUntilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(socket, "close");
  return text;
}

describe("serveRegistry() with slow and greedy clients", () => {
  it("cuts off who does not end its headers", async () => {
    await serve({ headersTimeout: 300 });
    const socket = dial();
    socket.write("GET /v2/ HTTP/1.1\r\nHost: x\r\n");
    expect(await textUntilClosed(socket)).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  });

  it("cuts off content that stands still, and keeps what came for who goes on", async () => {
    const origin = await serve({ idleTimeout: 500 });
    const begun = await fetch(`${origin}/v2/org/app/blobs/uploads/`, { method: "POST" });
    const location = begun.headers.get("location")!;
    const socket = dial();
    socket.write(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n0123456789`);
    await textUntilClosed(socket);
    const status = await fetch(origin + location);
    expect([status.status, status.headers.get("range")]).toEqual([204, "0-9"]);
  });

  it("cuts off who does not read", async () => {
    const { digest, open, size } = bytesContent(Buffer.alloc(20_000_000));
    await createLayoutRegistry(folder).pushBlob("org/app", { digest, size }, open);
    let cut: (status: number) => void = () => undefined;
    const status = new Promise<number>((resolve) => (cut = resolve));
    await serve({ idleTimeout: 500, onRequest: (event) => cut(event.status) });
    dial().pause().write(`GET /v2/org/app/blobs/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await status).toBe(200);
  });

  it("closes connections past the limit", async () => {
    await serve({ maxConnections: 2 });
    const [first, second] = [dial(), dial()];
    await Promise.all([once(first, "connect"), once(second, "connect")]);
    expect(await textUntilClosed(dial())).toBe("");
    first.destroy();
    second.destroy();
  });

  it("forgets uploads that nobody goes on with, and their files", async () => {
    const origin = await serve({ uploadLifetime: 300, temporary: folder });
    const begun = await fetch(`${origin}/v2/org/app/blobs/uploads/`, { method: "POST" });
    const location = origin + begun.headers.get("location")!;
    await fetch(location, { method: "PATCH", body: "0123456789" });
    const statusOf = async (): Promise<number> => (await fetch(location)).status;
    while ((await statusOf()) === 204) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await statusOf()).toBe(404);
    const [uploads] = await readdir(folder);
    await expect.poll(() => readdir(join(folder, uploads!))).toEqual([]);
  });

  it("answers who sends too much before it has read all of it", async () => {
    const origin = await serve({ maxBlobBytes: 1000 });
    const begun = await fetch(`${origin}/v2/org/app/blobs/uploads/`, { method: "POST" });
    const location = origin + begun.headers.get("location")!;
    const body = Buffer.alloc(3_000_000);
    const declared = await fetch(location, { method: "PATCH", body });
    expect([declared.status, await declared.json()]).toMatchObject([
      413,
      { errors: [{ code: "SIZE_INVALID" }] },
    ]);
    const stream = new Blob([body]).stream();
    const message = { method: "PATCH", body: stream, duplex: "half" } as RequestInit;
    expect((await fetch(location, message)).status).toBe(413);
    expect((await fetch(location)).status).toBe(204);
  });

  it("refuses a chunk that is not as long as its Content-Range, and takes none of it", async () => {
    const origin = await serve({});
    const begun = await fetch(`${origin}/v2/org/app/blobs/uploads/`, { method: "POST" });
    const location = origin + begun.headers.get("location")!;
    await fetch(location, { method: "PATCH", body: "01234" });
    const short = await fetch(location, {
      method: "PATCH",
      headers: { "content-range": "5-14" },
      body: new Blob(["567"]).stream(),
      duplex: "half",
    } as RequestInit);
    expect([short.status, await short.json()]).toMatchObject([
      400,
      { errors: [{ code: "SIZE_INVALID" }] },
    ]);
    expect((await fetch(location)).headers.get("range")).toBe("0-4");
    const digest = sha256("0123456789");
    const ended = await fetch(`${location}?digest=${digest}`, { method: "PUT", body: "56789" });
    expect(ended.status).toBe(201);
  });
});

describe("serveRegistry() read-only", () => {
  it("answers 405 to all that would change something, and makes no file", async () => {
    const full = await serve({});
    const pushed = await fetch(`${full}/v2/org/app/blobs/uploads/?digest=${sha256("x")}`, {
      method: "POST",
      body: "x",
    });
    expect(pushed.status).toBe(201);
    await server!.close();
    const before = await readdir(folder, { recursive: true });
    const origin = await serve({ readOnly: true });
    const blob = `${origin}/v2/org/app/blobs/${sha256("x")}`;
    expect(await (await fetch(blob)).text()).toBe("x");
    for (const [method, path] of [
      ["POST", "blobs/uploads/"],
      ["PATCH", "blobs/uploads/id"],
      ["PUT", "manifests/1.0.0"],
      ["DELETE", "manifests/1.0.0"],
      ["DELETE", `blobs/${sha256("x")}`],
    ]) {
      const answer = await fetch(`${origin}/v2/org/app/${path}`, { method: method! });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
      expect(await answer.json()).toEqual({
        errors: [
          {
            code: "UNSUPPORTED",
            message: "Cannot change anything: this registry is read-only",
          },
        ],
      });
    }
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });
});

describe("serveRegistry() with TLS", () => {
  it("does not start with a certificate that is none", async () => {
    const starting = serveRegistry(createMemoryRegistry(), { tls: { cert: "none", key: "none" } });
    await expect(starting).rejects.toMatchObject({ code: "OCI_CERTIFICATE_INVALID" });
  });
});

describe("serveRegistry() from a registry that is broken", () => {
  it("cuts off who would wait for the rest of content that ends early", async () => {
    const registry = createMemoryRegistry();
    const { digest, size, open } = bytesContent(Buffer.from("0123456789"));
    await registry.pushBlob("org/app", { digest, size }, open);
    const short = { size, stream: new Blob(["01234"]).stream() };
    server = await serveRegistry({ ...registry, readBlob: async () => short });
    const socket = dial();
    socket.write(`GET /v2/org/app/blobs/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await textUntilClosed(socket)).toMatch(/^(?:HTTP\/1\.1 200 [^]*01234)?$/);
  });
});
