import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createMemoryRegistry } from "../memory/memory.ts";
import { parseRange } from "./read.ts";
import { parseRoute } from "./route.ts";
import { type RegistryServer, serveRegistry } from "./serve.ts";

let folder = "";
let server: RegistryServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-server-"));
  server = await serveRegistry(createMemoryRegistry(), {
    temporary: folder,
    maxBlobBytes: 1_000_000,
    maxUploads: 3,
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request as it is: no client library cleans the path. */
async function send(
  method: string,
  path: string,
  body?: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server;
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

async function push(path: string, bytes: Uint8Array | string): Promise<string> {
  const digest = sha256(bytes);
  expect((await send("POST", `/v2/${path}/blobs/uploads/?digest=${digest}`, bytes)).status).toBe(
    201,
  );
  return digest;
}

describe("serveRegistry()", () => {
  it("takes a blob in chunks, in order only", async () => {
    const bytes = randomBytes(300);
    const begun = await send("POST", "/v2/org/app/blobs/uploads/");
    const location = begun.headers.location!;
    expect([begun.status, begun.headers.range]).toEqual([202, "0-0"]);
    const first = await send("PATCH", location, bytes.subarray(0, 100), {
      "content-range": "0-99",
    });
    expect([first.status, first.headers.range]).toEqual([202, "0-99"]);
    const wrong = await send("PATCH", location, bytes.subarray(200), {
      "content-range": "200-299",
    });
    expect([wrong.status, wrong.headers.range]).toEqual([416, "0-99"]);
    expect((await send("GET", location)).headers.range).toBe("0-99");
    await send("PATCH", location, bytes.subarray(100, 200), { "content-range": "100-199" });
    const ended = await send("PUT", `${location}?digest=${sha256(bytes)}`, bytes.subarray(200));
    expect([ended.status, ended.headers["docker-content-digest"]]).toEqual([201, sha256(bytes)]);
    expect((await send("GET", location)).status).toBe(404);
    expect((await send("GET", ended.headers.location!)).status).toBe(200);
  });

  it("checks sha512 digests too", async () => {
    const digest = `sha512:${createHash("sha512").update("content").digest("hex")}`;
    expect(
      (await send("POST", `/v2/org/app/blobs/uploads/?digest=${digest}`, "content")).status,
    ).toBe(201);
    expect(
      (await send("POST", `/v2/org/app/blobs/uploads/?digest=${digest}`, "other")).status,
    ).toBe(400);
  });

  it("forgets an upload that is cancelled or wrong, and its file", async () => {
    const begun = await send("POST", "/v2/org/app/blobs/uploads/");
    await send("PATCH", begun.headers.location!, "abc");
    expect((await send("DELETE", begun.headers.location!)).status).toBe(204);
    const wrong = await send("POST", `/v2/org/app/blobs/uploads/?digest=${sha256("x")}`, "y");
    expect([wrong.status, JSON.parse(wrong.body)]).toMatchObject([
      400,
      { errors: [{ code: "DIGEST_INVALID" }] },
    ]);
    const [uploads] = await readdir(folder);
    expect(await readdir(join(folder, uploads!))).toEqual([]);
  });

  it("limits blobs and uploads", async () => {
    const large = await send("POST", "/v2/org/app/blobs/uploads/");
    const answer = await send("PATCH", large.headers.location!, Buffer.alloc(1_000_001)).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (typeof answer === "object") expect(answer.status).toBe(413);
    else expect(["EPIPE", "ECONNRESET"]).toContain(answer);
    await send("POST", "/v2/org/app/blobs/uploads/");
    await send("POST", "/v2/org/app/blobs/uploads/");
    expect((await send("POST", "/v2/org/app/blobs/uploads/")).status).toBe(429);
  });

  it("does not take an upload of one repository into another", async () => {
    const begun = await send("POST", "/v2/org/app/blobs/uploads/");
    const moved = begun.headers.location!.replace("org/app", "org/other");
    expect((await send("PUT", `${moved}?digest=${sha256("")}`)).status).toBe(404);
  });

  it("answers ranges", async () => {
    const digest = await push("org/app", "0123456789");
    const get = (range: string) => send("GET", `/v2/org/app/blobs/${digest}`, undefined, { range });
    const answers = await Promise.all(
      ["bytes=2-4", "bytes=-3", "bytes=8-", "bytes=20-", "lines=1-2"].map(get),
    );
    expect(
      answers.map(({ status, body, headers }) => [status, body, headers["content-range"]]),
    ).toEqual([
      [206, "234", "bytes 2-4/10"],
      [206, "789", "bytes 7-9/10"],
      [206, "89", "bytes 8-9/10"],
      [416, "", "bytes */10"],
      [200, "0123456789", undefined],
    ]);
  });

  it("pages tags and repositories", async () => {
    const config = await push("org/app", "{}");
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: "a/b", digest: config, size: 2 },
      layers: [],
    });
    for (const tag of ["c", "a", "b"]) {
      await send("PUT", `/v2/org/app/manifests/${tag}`, manifest, { "content-type": "a/b" });
    }
    const first = await send("GET", "/v2/org/app/tags/list?n=2");
    expect([first.body, first.headers.link]).toEqual([
      '{"name":"org/app","tags":["a","b"]}',
      '</v2/org/app/tags/list?n=2&last=b>; rel="next"',
    ]);
    const rest = await send("GET", "/v2/org/app/tags/list?n=2&last=b");
    expect([rest.body, rest.headers.link]).toEqual(['{"name":"org/app","tags":["c"]}', undefined]);
    expect((await send("GET", "/v2/org/app/tags/list?n=0")).body).toBe(
      '{"name":"org/app","tags":[]}',
    );
    expect((await send("GET", "/v2/org/app/tags/list?n=x")).status).toBe(400);
    expect((await send("GET", "/v2/_catalog")).body).toBe('{"repositories":["org/app"]}');
  });

  it.each([
    "/v2/../../etc/passwd/manifests/x",
    "/v2/org/%2e%2e/%2e%2e/manifests/latest",
    "/v2/org/..%2f..%2fapp/manifests/latest",
    "/v2/org/app/manifests/..%2f..%2findex.json",
    "/v2/org/app/blobs/sha256:..%2f..%2fetc",
    "/v2/org/app/blobs/uploads/..%2f..%2fx",
    "/v2/org/app/blobs/%00",
    "/v2/org/app/manifests/%zz",
    "/v2//manifests/latest",
    "//v2/x/manifests/latest",
    "/etc/passwd",
  ])("finds nothing outside at %s", async (path) => {
    const { status, body } = await send("GET", path);
    expect([400, 404]).toContain(status);
    expect(body).not.toMatch(/root:/);
  });

  it("refuses other methods, huge manifests and writes from web pages", async () => {
    expect((await send("PATCH", "/v2/org/app/manifests/latest")).status).toBe(405);
    const huge = await send(
      "PUT",
      "/v2/org/app/manifests/x",
      Buffer.alloc(4 * 1024 * 1024 + 1),
    ).catch(() => undefined);
    if (huge !== undefined) expect(huge.status).toBe(413);
    const page = { origin: "https://evil.example" };
    expect((await send("POST", "/v2/org/app/blobs/uploads/", undefined, page)).status).toBe(403);
  });

  it("asks for user and password where there are any", async () => {
    await server.close();
    server = await serveRegistry(createMemoryRegistry(), {
      credentials: { username: "ann", password: "p:w" },
    });
    const header = (pair: string) => ({
      authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
    });
    const statuses = [{}, header("ann:p"), header("ann:p:w"), { authorization: "Bearer x" }].map(
      async (headers) => (await send("GET", "/v2/", undefined, headers)).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 401, 200, 401]);
    expect((await send("GET", "/v2/")).headers["www-authenticate"]).toBe('Basic realm="tenon"');
  });

  it("tells when a port is taken", async () => {
    const second = serveRegistry(createMemoryRegistry(), { port: server.port });
    await expect(second).rejects.toMatchObject({ code: "OCI_UNREACHABLE" });
  });
});

describe("parseRoute()", () => {
  it("knows repositories that are named like routes", () => {
    expect(parseRoute("/v2/blobs/tags/manifests/list/manifests/1.0")).toEqual({
      kind: "manifest",
      repository: "blobs/tags/manifests/list",
      reference: "1.0",
    });
    expect(parseRoute("/v2/a1/tags/list/tags/list")).toMatchObject({ repository: "a1/tags/list" });
  });
});

describe("parseRange()", () => {
  it("gives nothing for what it cannot serve as one range", () => {
    expect(
      ["", "bytes=", "bytes=-", "bytes=1-2,4-5", "bytes=a-b"].map((text) => parseRange(text, 10)),
    ).toEqual(Array.from({ length: 5 }));
    expect(parseRange("bytes=-0", 10)).toBe("unsatisfiable");
    expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
  });
});
