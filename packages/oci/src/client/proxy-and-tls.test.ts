import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, type Server, connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RegistryClientOptions, createRegistryClient } from "./client.ts";

/** Why the certificates for these tests cannot be made; nothing if they can. */
const lack = (() => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "openssl is not installed";
  }
})();

let folder = "";
let ca = "";
let https: Server;
let http: Server;
let proxy: Server;
const tunnels: string[] = [];
const forwarded: (string | undefined)[][] = [];

beforeAll(async () => {
  if (lack !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "tenon-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const files = ["-nodes", "-keyout", key, "-out", cert, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...files, ...subject], { stdio: "ignore" });
  ca = await readFile(cert, "utf8");
  const options = { key: await readFile(key), cert: ca };
  https = await listen(createHttps(options, (_, response) => void response.end('{"s":1}')));
  http = await listen(createHttp((_, response) => void response.end('{"s":2}')));
  proxy = await listen(
    createHttp(({ headers, url }, response) => {
      forwarded.push([url, headers.host, headers["proxy-authorization"], headers.authorization]);
      response.end('{"s":3}');
    }).on("connect", (request, socket) => {
      tunnels.push(request.url!);
      if (request.url!.startsWith("refused.")) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      const port = request.url!.endsWith(":443") ? portOf(https) : portOf(http);
      const onward = connectSocket(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    }),
  );
});
afterAll(async () => {
  if (lack !== undefined) return;
  for (const server of [https, http, proxy]) server.close();
  await rm(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function read(host: string, options: Partial<RegistryClientOptions> = {}): Promise<string> {
  const client = createRegistryClient({ host, ...options });
  try {
    const { bytes } = await client.readManifest("org/app", "1.0.0");
    return Buffer.from(bytes).toString("utf8");
  } finally {
    await client.close();
  }
}

if (lack !== undefined && process.env["CI"] === "true") {
  it("has what it needs", () => {
    expect.fail(lack);
  });
}

describe.skipIf(lack !== undefined)(`TLS ${lack ?? ""}`.trim(), () => {
  it("trusts the authority that it is given", async () => {
    expect(await read(`localhost:${portOf(https)}`, { ca })).toBe('{"s":1}');
  });

  it("trusts no other, not even on this machine", async () => {
    const error = (await read(`127.0.0.1:${portOf(https)}`).catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject({ code: "OCI_UNREACHABLE" });
    expect(error.message).toMatch(/certificate is self-signed$/);
  });

  it("trusts everyone where that is allowed", async () => {
    expect(await read(`127.0.0.1:${portOf(https)}`, { insecure: true })).toBe('{"s":1}');
  });

  it("gives way to plain HTTP on this machine", async () => {
    expect(await read(`127.0.0.1:${portOf(http)}`)).toBe('{"s":2}');
    expect(await read(`127.0.0.1:${portOf(http)}`, { insecure: true })).toBe('{"s":2}');
  });
});

describe.skipIf(lack !== undefined)(`proxies ${lack ?? ""}`.trim(), () => {
  const env = () => ({ HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}` });

  it("are used for hosts elsewhere", async () => {
    tunnels.length = 0;
    expect(await read("localhost.example", { ca, insecure: true, env: env() })).toBe('{"s":1}');
    expect(tunnels).toEqual(expect.arrayContaining(["localhost.example:443"]));
  });

  it("are asked for plain HTTP by URL, and alone get the password for them", async () => {
    forwarded.length = 0;
    const HTTP_PROXY = `http://me:p%40ss@127.0.0.1:${portOf(proxy)}`;
    const options = { plainHttp: true, env: { HTTP_PROXY } };
    expect(await read("plain.example:5000", options)).toBe('{"s":3}');
    const url = "http://plain.example:5000/v2/org/app/manifests/1.0.0";
    const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(forwarded).toEqual([[url, "plain.example:5000", authorization, undefined]]);
  });

  it("tell why they refuse, and are asked once", async () => {
    tunnels.length = 0;
    await expect(read("refused.example", { env: env() })).rejects.toMatchObject({
      code: "OCI_UNREACHABLE",
      message: expect.stringMatching(/cannot reach refused\.example: the proxy answered 407$/),
    });
    expect(tunnels).toEqual(["refused.example:443"]);
  });

  it("are refused where they are of a kind that is not known, without their password", async () => {
    const HTTPS_PROXY = "socks5://me:hidden@127.0.0.1:1";
    const error = (await read("some.example", { env: { HTTPS_PROXY } }).catch(
      (e: unknown) => e,
    )) as Error;
    expect(error.message).toMatch(/^Cannot use proxy socks5:.*only http:\/\/ and https:\/\//);
    expect(error.message).not.toContain("hidden");
  });

  it("are not used for this machine and for NO_PROXY", async () => {
    tunnels.length = 0;
    expect(await read(`localhost:${portOf(https)}`, { ca, env: env() })).toBe('{"s":1}');
    const skipped = read("registry.invalid", {
      env: { ...env(), NO_PROXY: ".invalid" },
      retry: { attempts: 1 },
    });
    await expect(skipped).rejects.toMatchObject({ code: "OCI_UNREACHABLE" });
    expect(tunnels).toEqual([]);
  });
});
