import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { bundleText, definitionOf } from "../support/bundle-file.ts";
import { fixture } from "../support/repo.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { freePort } from "../support/start-server.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

interface Item {
  readonly check: string;
  readonly result: "ok" | "warning" | "failed";
  readonly message: string;
  readonly code?: string;
}

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly instance?: string; readonly items: readonly Item[] }[];
}

describe.skipIf(tools.missing)(`tenon check${tools.reason}`, () => {
  let proxy: ApiProxy;
  let dir: TempDir;
  beforeAll(async () => {
    proxy = await startApiProxy(sharedCluster());
    dir = await tempDir();
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const options = () => ({ env: { KUBECONFIG: proxy.kubeconfig }, cwd: dir.path });

  function run(...args: string[]): Promise<ProcessResult> {
    return spawnTenon(args, options());
  }

  /** Checks an instance, or a bundle: the exit code, and what failed, by check. */
  async function failures(...args: string[]): Promise<{ code: number; failed: Item[] }> {
    const { code, stdout, stderr } = await run(...args, "-o", "json");
    if (stdout === "") throw new Error(stderr);
    const report = JSON.parse(stdout) as Report;
    const failed = report.checks
      .flatMap(({ items }) => items)
      .filter(({ result }) => result === "failed");
    expect(report.ok).toBe(failed.length === 0);
    return { code, failed };
  }

  async function valuesOf(...objects: object[]): Promise<string> {
    return dir.write({ "values.cue": `values: objects: ${JSON.stringify(objects)}\n` });
  }

  it("tells about the cluster alone", async () => {
    const { code, stdout } = await run("check");
    expect(code).toBe(0);
    expect(stdout.replace(proxy.url, "SERVER")).toMatchInlineSnapshot(`
      "ok       server     SERVER (context proxy)
      ok       version    Kubernetes 1.36.3
      ok       clock      as here
      ok       user       admin, group system:masters
      nothing failed
      "
    `);
  });

  it("proves that an apply would work, and changes nothing", async () => {
    const namespace = newNamespace("check");
    proxy.reset();
    const { code, stdout } = await run("check", "app", fixture("objects"), "-n", namespace);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^ok +namespace +\S+ will be made$/m);
    expect(stdout).toMatch(/^ok +dry run +1 created$/m);
    const writes = proxy.writes().filter(({ path }) => !path.includes("/selfsubject"));
    expect(writes).toEqual([]);
    expect(
      await kubectlGet("namespaces", "--field-selector", `metadata.name=${namespace}`),
    ).toEqual([]);
  });

  it("names kinds that are not served, and knows those that come along", async () => {
    const namespace = newNamespace("check");
    const group = `${namespace}.example.com`;
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "x" } };
    const command = ["check", "app", fixture("objects"), "-n", namespace, "-f", "values.cue"];
    await valuesOf(thing);
    const { code, failed } = await failures(...command);
    expect(code).toBe(1);
    expect(failed.map(({ check, message }) => [check, message])).toEqual([
      ["kinds", `Thing of ${group}/v1 is not served`],
    ]);
    await valuesOf(thing, definitionOf(group, "Thing"));
    expect(await failures(...command)).toEqual({ code: 0, failed: [] });
  });

  it("names what the server would refuse, also in a namespace that is still to be made", async () => {
    await valuesOf({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { ports: [{ port: 80 }], ipFamilyPolicy: "RequireDualStack" },
    });
    const namespace = newNamespace("check");
    const args = ["check", "app", fixture("objects"), "-n", namespace, "-f", "values.cue"];
    const { code, failed } = await failures(...args);
    expect(code).toBe(1);
    expect(failed).toMatchObject([{ check: "dry run", code: "KUBE_INVALID" }]);
  });

  it("names values that the module does not accept", async () => {
    await dir.write({ "values.cue": "values: message: 5\n" });
    const { code, failed } = await failures("check", "app", fixture("objects"), "-f", "values.cue");
    expect(code).toBe(1);
    expect(failed).toMatchObject([{ check: "render", code: "SCHEMA_BUILD_FAILED" }]);
  });

  it("names a registry that does not answer, and a module that is not there", async () => {
    const url = `oci://127.0.0.1:${await freePort()}/modules/app`;
    const { code, failed } = await failures("check", "app", url);
    expect(code).toBe(1);
    expect(failed).toMatchObject([{ check: "module", code: "OCI_UNREACHABLE" }]);
    const missing = await failures("check", "app", "missing");
    expect(missing.failed).toMatchObject([{ check: "module", code: "SCHEMA_MODULE_NOT_FOUND" }]);
  });

  it("names the server that does not answer, and still checks the module", async () => {
    const server = `https://127.0.0.1:${await freePort()}`;
    const { code, failed } = await failures("check", "app", "missing", "--kube-server", server);
    expect(code).toBe(1);
    expect(failed.map(({ check }) => check)).toEqual(["server", "module"]);
  });

  it("names the bundle that manages the instance", async () => {
    const name = newNamespace("check");
    await dir.write({ "bundle.cue": bundleText(name, { app: { namespace: name } }) });
    await tenon(["bundle", "apply", "-f", "bundle.cue"], options());
    const { code, failed } = await failures("check", "app", fixture("objects"), "-n", name);
    expect(code).toBe(1);
    expect(failed).toMatchObject([{ check: "instance", code: "KUBE_BUNDLE_CONFLICT" }]);
    expect(await failures("bundle", "check", "-f", "bundle.cue")).toEqual({ code: 0, failed: [] });
  });

  it("warns of a run that did not come to its end", async () => {
    const namespace = newNamespace("check");
    await dir.write({ "late.cue": 'values: simulate: "never-ready"\n' });
    const args = ["app", fixture("objects"), "-n", namespace, "-f", "late.cue"];
    expect((await run("apply", ...args, "--timeout", "1s")).code).toBe(1);
    const { code, stdout } = await run("check", ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning +instance .* did not come to its end$/m);
    expect(stdout).toMatch(/^nothing failed, 1 warning$/m);
  });

  it("warns of old servers and of clocks that differ", async () => {
    await using old = await startOldServer("v1.26.9", 3_600_000);
    const { code, stdout } = await run("check", "--kube-server", old.url);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^warning +version +Kubernetes 1.26.9 has no aggregated discovery$/m);
    expect(stdout).toMatch(/^warning +clock +3(599|600|601) s ahead of the clock here$/m);
    await using older = await startOldServer("v1.21.3", 0);
    const { failed } = await failures("check", "--kube-server", older.url);
    expect(failed.map(({ message }) => message)).toEqual(["Kubernetes 1.21.3 is too old"]);
  });

  it("checks all instances of a bundle, which bring kinds for each other", async () => {
    const name = newNamespace("check");
    const group = `${name}.example.com`;
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "x" } };
    const instances = {
      crds: { namespace: name, values: { objects: [definitionOf(group, "Thing")] } },
      app: {
        namespace: name,
        values: { objects: [{ ...thing, metadata: { name: "x", namespace: name } }] },
      },
    };
    const bad = { namespace: name, module: "oci://127.0.0.1:1/modules/bad" };
    await dir.write({
      "good.cue": bundleText(name, instances),
      "bad.cue": bundleText(name, { ...instances, bad }),
    });
    proxy.reset();
    expect(await failures("bundle", "check", "-f", "good.cue")).toEqual({ code: 0, failed: [] });
    const { code, failed } = await failures("bundle", "check", "-f", "bad.cue");
    expect([code, failed.map(({ check }) => check)]).toEqual([1, ["module"]]);
    expect(proxy.writes().filter(({ path }) => !path.includes("/selfsubject"))).toEqual([]);
    const roles = await run("bundle", "check", "-f", "good.cue", "--print-role");
    expect(roles.stdout).toContain(`resources:\n      - things\n`);
    expect(roles.stdout).toContain("kind: ClusterRole\n");
  });

  it("wants the module of the instance", async () => {
    expect((await run("check", "app")).code).toBe(2);
    expect((await run("check", "--print-role")).code).toBe(2);
  });
});

/** A server that has nothing but its version: releases this old cannot be run here. */
async function startOldServer(
  gitVersion: string,
  ahead: number,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer((request, response) => {
    response.setHeader("date", new Date(Date.now() + ahead).toUTCString());
    response.setHeader("content-type", "application/json");
    if (request.url === "/version") return void response.end(JSON.stringify({ gitVersion }));
    response.statusCode = 404;
    response.end('{"kind":"Status","status":"Failure","reason":"NotFound","code":404}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
