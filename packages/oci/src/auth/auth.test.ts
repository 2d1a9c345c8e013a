import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createRegistryClient } from "../client/client.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import { type RegistryServer, serveRegistry } from "../server/serve.ts";
import { createCredentialStore } from "./credential-store.ts";
import { parseCredential } from "./credential.ts";
import { login, logout } from "./login.ts";
import { lookupKeys } from "./lookup-keys.ts";

let home = "";
let env: Record<string, string>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tenon-auth-"));
  env = { PATH: `${join(home, "bin")}:${process.env["PATH"]}` };
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(
    join(home, path),
    typeof content === "string" ? content : JSON.stringify(content),
  );
}

/** A credential helper that keeps its secrets in files and logs what it is asked. */
async function installHelper(name: string, script: string): Promise<void> {
  await write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
  await chmod(join(home, "bin", `docker-credential-${name}`), 0o755);
}

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString("base64") });
const find = (host: string, repository?: string) =>
  createCredentialStore({ env, home })({ host, repository }, {});

describe("createCredentialStore()", () => {
  it("finds nothing where there is nothing", async () => {
    expect(await find("ghcr.io")).toBeUndefined();
  });

  it("takes the repository before its folder before the host", async () => {
    await write(".docker/config.json", {
      auths: {
        "https://ghcr.io/v2/": auth("host:1"),
        "ghcr.io/org": auth("org:2"),
        "ghcr.io/org/app": auth("app:pass:word"),
      },
    });
    const names = await Promise.all(
      ["org/app", "org/other", "else/app"].map((repository) => find("ghcr.io", repository)),
    );
    expect(names).toEqual([
      { kind: "basic", username: "app", password: "pass:word" },
      { kind: "basic", username: "org", password: "2" },
      { kind: "basic", username: "host", password: "1" },
    ]);
  });

  it.each(["docker.io", "index.docker.io", "registry-1.docker.io"])(
    "knows %s as Docker Hub",
    async (host) => {
      await write(".docker/config.json", {
        auths: { "https://index.docker.io/v1/": auth("hub:1") },
      });
      expect(await find(host, "library/nginx")).toMatchObject({ username: "hub" });
    },
  );

  it("reads identity tokens and registry tokens", async () => {
    await write(".docker/config.json", {
      auths: {
        "a.io": { ...auth("u:"), identitytoken: "id" },
        "b.io": { registrytoken: "reg" },
        "c.io": { username: "u", password: "p" },
        "d.io": {},
      },
    });
    expect(await Promise.all(["a.io", "b.io", "c.io", "d.io"].map((host) => find(host)))).toEqual([
      { kind: "identity", token: "id" },
      { kind: "bearer", token: "reg" },
      { kind: "basic", username: "u", password: "p" },
      undefined,
    ]);
  });

  it("looks into each file in its turn", async () => {
    env["REGISTRY_AUTH_FILE"] = join(home, "auth-file.json");
    env["XDG_RUNTIME_DIR"] = join(home, "run");
    await write(".config/containers/auth.json", {
      auths: { "r.io": auth("four:x"), "z.io": auth("z:x") },
    });
    expect(await find("r.io")).toMatchObject({ username: "four" });
    await write("run/containers/auth.json", { auths: { "r.io": auth("three:x") } });
    expect(await find("r.io")).toMatchObject({ username: "three" });
    await write("auth-file.json", { auths: { "r.io": auth("two:x") } });
    expect(await find("r.io")).toMatchObject({ username: "two" });
    env["DOCKER_CONFIG"] = join(home, "docker");
    await write("docker/config.json", { auths: { "r.io": auth("one:x") } });
    expect(await find("r.io")).toMatchObject({ username: "one" });
    expect(await find("z.io")).toMatchObject({ username: "z" });
  });

  it("says which file is broken without quoting it", async () => {
    await write(".docker/config.json", '{"auths": {"r.io": {"auth": "c2VjcmV0" oops');
    const error = (await find("r.io").catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject({ code: "OCI_CREDENTIALS_INVALID" });
    expect(`${error.message}${String(error.cause)}`).not.toMatch(/c2VjcmV0/);
  });

  it("asks helpers, those of one host first", async () => {
    await installHelper(
      "one",
      'read s; echo "{\\"Username\\":\\"one\\",\\"Secret\\":\\"$1 $s\\"}"',
    );
    await installHelper(
      "all",
      'read s; if [ "$s" = t.io ]; then echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"id\\"}"; else echo "credentials not found in native keychain"; exit 1; fi',
    );
    await write(".docker/config.json", { credsStore: "all", credHelpers: { "one.io": "one" } });
    expect(await find("one.io", "org/app")).toEqual({
      kind: "basic",
      username: "one",
      password: "get one.io",
    });
    expect(await find("t.io", "org/app")).toEqual({ kind: "identity", token: "id" });
    expect(await find("none.io", "org/app")).toBeUndefined();
  });

  it.each([
    ["is missing", "absent", "", /not installed/],
    ["fails", "bad", "echo broken >&2; echo why; exit 3", /why/],
    ["answers no JSON", "text", "echo secret-text", /not JSON/],
    ["has a path for a name", "../../bin/sh", "", /not a valid name/],
  ])("tells when a helper %s", async (_, name, script, message) => {
    if (script !== "") await installHelper(name, script);
    await write(".docker/config.json", { credsStore: name });
    const error = (await find("r.io").catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject({
      code: "OCI_CREDENTIALS_INVALID",
      message: expect.stringMatching(message),
    });
    expect(error.message).not.toMatch(/secret-text/);
  });

  it("ends a helper when the signal is aborted", async () => {
    await installHelper("slow", "sleep 20");
    await write(".docker/config.json", { credsStore: "slow" });
    const signal = AbortSignal.timeout(100);
    const finding = createCredentialStore({ env, home })({ host: "r.io" }, { signal });
    await expect(finding).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("lookupKeys()", () => {
  it("goes from the repository to the host", () => {
    expect(lookupKeys("ghcr.io", "org/app")).toEqual(["ghcr.io/org/app", "ghcr.io/org", "ghcr.io"]);
  });
});

describe("parseCredential()", () => {
  it("splits at the first colon, and takes what has none as a token", () => {
    expect([parseCredential("u:p:q"), parseCredential("token")]).toEqual([
      { kind: "basic", username: "u", password: "p:q" },
      { kind: "bearer", token: "token" },
    ]);
    for (const text of ["", ":x"]) {
      expect(() => parseCredential(text)).toThrowError(
        expect.objectContaining({ code: "OCI_CREDENTIALS_INVALID" }),
      );
    }
  });
});

describe("login()", () => {
  let server: RegistryServer;
  const credentials = { username: "ann", password: "p:w" };
  const credential = { kind: "basic", ...credentials } as const;
  beforeEach(async () => {
    server = await serveRegistry(createMemoryRegistry(), { credentials });
  });
  afterEach(() => server.close());

  it("keeps a good credential, and other keys of the file", async () => {
    await write(".docker/real.json", {
      auths: { "other.io": auth("o:p") },
      HttpHeaders: { a: "b" },
    });
    await symlink("real.json", join(home, ".docker/config.json"));
    const result = await login({ credential, host: server.host, env, home });
    expect(result).toEqual({ host: server.host, file: join(home, ".docker/config.json") });
    const file = join(home, ".docker/real.json");
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
      auths: { "other.io": auth("o:p"), [server.host]: auth("ann:p:w") },
      HttpHeaders: { a: "b" },
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const client = createRegistryClient({
      host: server.host,
      credentials: createCredentialStore({ env, home }),
    });
    await client.ping();
    await logout({ host: server.host, env, home });
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      auths: { "other.io": auth("o:p") },
    });
    expect(await find(server.host)).toBeUndefined();
    await client.close();
  });

  it("keeps nothing of a bad one", async () => {
    const trying = login({
      credential: { ...credential, password: "wrong" },
      host: server.host,
      env,
      home,
    });
    await expect(trying).rejects.toMatchObject({ code: "OCI_UNAUTHORIZED" });
    await expect(stat(join(home, ".docker"))).rejects.toThrow();
  });

  it("gives the credential to a helper where there is one", async () => {
    await installHelper(
      "box",
      `case $1 in store) cat > ${home}/kept;; erase) cat > ${home}/erased;; esac`,
    );
    await write(".docker/config.json", { credsStore: "box" });
    const result = await login({ credential, host: server.host, env, home });
    expect(result.helper).toBe("box");
    const kept: unknown = JSON.parse(await readFile(join(home, "kept"), "utf8"));
    expect(kept).toEqual({ ServerURL: server.host, Username: "ann", Secret: "p:w" });
    expect(await readFile(join(home, ".docker/config.json"), "utf8")).not.toMatch(/auth"|p:w/);
    await logout({ host: server.host, env, home });
    expect(await readFile(join(home, "erased"), "utf8")).toBe(server.host);
  });

  it("finds the helper that another file names, and leaves no text behind", async () => {
    await installHelper("box", `case $1 in store) cat > ${home}/kept;; esac`);
    await write(".docker/config.json", { auths: { [server.host]: auth("old:text") } });
    await write(".config/containers/auth.json", { credHelpers: { [server.host]: "box" } });
    const result = await login({ credential, host: server.host, env, home });
    expect(result).toMatchObject({
      helper: "box",
      file: join(home, ".config/containers/auth.json"),
    });
    for (const file of [".docker/config.json", ".config/containers/auth.json"]) {
      expect(await readFile(join(home, file), "utf8")).not.toMatch(/"auth"/);
    }
  });

  it("keeps identity tokens as such, in a file and with a helper", async () => {
    const registry = await tokenRegistry();
    const identity = { kind: "identity", token: "long-lived" } as const;
    const { host } = registry;
    await login({ credential: identity, host, env, home });
    expect(JSON.parse(await readFile(join(home, ".docker/config.json"), "utf8"))).toEqual({
      auths: { [host]: { identitytoken: "long-lived" } },
    });
    expect(await find(host)).toEqual(identity);
    await installHelper("box", `case $1 in store) cat > ${home}/kept;; esac`);
    await write(".docker/config.json", { credsStore: "box" });
    await login({ credential: identity, host, env, home });
    expect(JSON.parse(await readFile(join(home, "kept"), "utf8"))).toEqual({
      ServerURL: host,
      Username: "<token>",
      Secret: "long-lived",
    });
    const wrong = login({ credential: { ...identity, token: "x" }, host, env, home });
    await expect(wrong).rejects.toMatchObject({ code: "OCI_UNAUTHORIZED" });
    registry.close();
  });
});

/** A registry that takes access tokens only, and gives them for one identity token. */
async function tokenRegistry(): Promise<{ host: string; close(): void }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (request.url === "/token") {
        const isRight = new URLSearchParams(body).get("refresh_token") === "long-lived";
        response.writeHead(isRight ? 200 : 401).end(JSON.stringify({ access_token: "short" }));
      } else if (request.headers.authorization === "Bearer short") response.end("{}");
      else {
        const challenge = `Bearer realm="http://${request.headers.host}/token",service="test"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, close: () => server.close() };
}
