import { randomBytes } from "node:crypto";
import { cp, readdir, writeFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readTree } from "../support/read-tree.ts";
import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import {
  type RegistryFaultProxy,
  startRegistryFaultProxy,
} from "../support/registry-fault-proxy.ts";
import { fixture } from "../support/repo.ts";
import { type ProcessResult, runProcess } from "../support/run-process.ts";
import { startServer } from "../support/start-server.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { cleanEnvironment, spawnTenon, tenon, tenonBin } from "../support/tenon.ts";

/** KiB that a limited process may write into one file; the large module has more. */
const limit = 500;

let dir: TempDir;
let registry: TestRegistry;
let proxy: RegistryFaultProxy;

beforeAll(async () => {
  dir = await tempDir();
  await cp(fixture("small"), dir.file("small"), { recursive: true });
  await cp(fixture("small"), dir.file("large"), { recursive: true });
  await writeFile(dir.file("large/noise"), randomBytes(2 * limit * 1024));
  registry = await startEmbeddedRegistry();
  proxy = await startRegistryFaultProxy(registry.host);
  await tenon(["mod", "push", dir.file("large"), `oci://${registry.host}/large`, "-v", "1.0.0"]);
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

function pullArgs(out: string, cache: string): string[] {
  const url = `oci://${registry.host}/large`;
  const places = ["-o", dir.file(out), "--cache-dir", dir.file(cache)];
  return ["mod", "pull", url, "-v", "1.0.0", ...places];
}

/** Runs tenon as on a disk with little room. */
function limited(args: readonly string[]): Promise<ProcessResult> {
  const script = `ulimit -f ${limit}; exec "$0" "$@"`;
  const command = ["-c", script, process.execPath, tenonBin, ...args];
  return runProcess("bash", command, { env: cleanEnvironment() });
}

describe("the cache", () => {
  it("is filled by eight processes at once", async () => {
    const outs = Array.from({ length: 8 }, (_, i) => `shared-${i}`);
    await Promise.all(outs.map((out) => tenon(pullArgs(out, "shared"))));
    const wanted = await readTree(dir.file("large"));
    for (const out of outs) expect(await readTree(dir.file(out))).toEqual(wanted);
    const cached = await readdir(dir.file("shared"));
    expect(cached.filter((name) => !/^[0-9a-f]{64}\.tgz$/.test(name))).toEqual([]);
  });

  it("heals what is damaged in it", async () => {
    await tenon(pullArgs("intact", "damaged"));
    const before = await readTree(dir.file("damaged"));
    for (const name of await readdir(dir.file("damaged"))) {
      await writeFile(dir.file("damaged", name), "damaged");
    }
    await tenon(pullArgs("healed", "damaged"));
    expect(await readTree(dir.file("healed"))).toEqual(await readTree(dir.file("large")));
    expect(await readTree(dir.file("damaged"))).toEqual(before);
  });
});

describe("a disk that is full", () => {
  it("leaves neither a part of a module nor one of a cache entry", async () => {
    const { code, stderr } = await limited(pullArgs("full", "full-cache"));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\[OCI_OUTPUT_UNWRITABLE\]\nhint: /)]);
    expect(stderr).toContain("the file would be larger than allowed");
    expect(await readdir(dir.path)).not.toContain("full");
    const cached = await readdir(dir.file("full-cache"));
    expect(cached.filter((name) => !/^[0-9a-f]{64}\.tgz$/.test(name))).toEqual([]);
    await tenon(pullArgs("full", "full-cache"));
    expect(await readTree(dir.file("full"))).toEqual(await readTree(dir.file("large")));
  });

  it("leaves no part of a built module", async () => {
    for (const format of ["oci-layout", "oci-archive"]) {
      const out = dir.file(`built-${format}`);
      const args = ["mod", "build", dir.file("large"), "-v", "1.0.0", "-o", out];
      const { code, stderr } = await limited([...args, "--format", format]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("[OCI_OUTPUT_UNWRITABLE]")]);
      expect((await readdir(dir.path)).filter((name) => name.includes("built"))).toEqual([]);
    }
  });

  it("keeps a registry from storing what does not fit, and from nothing else", async () => {
    const serve = [
      "registry",
      "serve",
      "--address",
      "127.0.0.1:0",
      "--dir",
      dir.file("disk"),
      "-q",
    ];
    const script = `ulimit -f ${limit}; exec "$0" "$@"`;
    const command = ["-c", script, process.execPath, tenonBin, ...serve];
    await using server = await startServer("bash", command, { env: cleanEnvironment() });
    const host = /oci:\/\/(\S+)/.exec(server.firstLine)![1];
    const push = (module: string): Promise<ProcessResult> =>
      spawnTenon(["mod", "push", dir.file(module), `oci://${host}/app`, "-v", "1.0.0"]);
    const { code, stderr } = await push("large");
    expect([code, stderr]).toEqual([1, expect.stringContaining("[OCI_SERVER_FAILED]")]);
    expect((await push("small")).code).toBe(0);
    const listed = await tenon(["artifact", "list", `oci://${host}/app`]);
    expect(listed).toContain("1.0.0");
  });
});

describe("a registry that says more than was asked", () => {
  it("is asked once for each tag when a module is pushed again", async () => {
    const url = `oci://${proxy.host}/again`;
    for (const args of [
      ["artifact", "push", url, "-f", dir.file("small"), "-t", "1.0.0", "-t", "stable"],
      ["mod", "push", dir.file("small"), url, "-v", "2.0.0"],
    ]) {
      await tenon(args);
      proxy.calls.length = 0;
      await tenon(args);
      const calls = proxy.calls.map(({ method, path }) => `${method} ${path}`);
      const manifests = calls.filter((call) => call.includes("/manifests/"));
      const tags = args[0] === "mod" ? ["2.0.0", "latest"] : ["1.0.0", "stable"];
      expect(manifests).toEqual(tags.map((tag) => `HEAD /v2/again/manifests/${tag}`));
      expect(calls.filter((call) => !/^(HEAD|GET) /.test(call))).toEqual([]);
    }
  });

  it("has its warnings printed once", async () => {
    const warning = '299 - "log in again before Friday"';
    proxy.fault = () => ({
      kind: "change",
      change: ({ headers }) => void Object.assign(headers, { warning }),
    });
    const args = ["mod", "pull", `oci://${proxy.host}/large`, "-v", "1.0.0"];
    const { code, stderr } = await spawnTenon([...args, "-o", dir.file("warned")]);
    expect(code).toBe(0);
    const told = stderr.split("\n").filter((line) => line.startsWith("warning: "));
    expect(told).toEqual([`warning: registry ${proxy.host}: log in again before Friday`]);
  });
});
