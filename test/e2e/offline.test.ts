import { readFile, rm } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { moduleFiles } from "../support/published-modules.ts";
import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const cluster = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

/** Ends the process at the first try to open a socket or to resolve a name. */
const preload = `import dns from "node:dns";
import net from "node:net";

function refuse() {
  process.stderr.write("a socket is opened: " + new Error().stack + "\\n");
  process.exit(99);
}
net.Socket.prototype.connect = refuse;
for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) {
  dns[name] = refuse;
  dns.promises[name] = refuse;
}
`;

describe("--offline", () => {
  let dir: TempDir;
  let registry: TestRegistry;

  beforeAll(async () => {
    dir = await tempDir();
    registry = await startEmbeddedRegistry();
    const files = Object.entries(moduleFiles("1.2.0"));
    await dir.write(Object.fromEntries(files.map(([name, text]) => [`app/${name}`, text])));
    await dir.write({
      "preload.mjs": preload,
      "bundle.yaml": `bundle:
  apiVersion: v1alpha1
  name: shop
  instances:
    web:
      module: {url: "oci://${registry.host}/org/app", version: ^1}
      namespace: apps
`,
    });
    await tenon(["mod", "push", "app", `oci://${registry.host}/org/app`, "-v", "1.2.0"], here());
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const here = (env: Record<string, string> = {}) => ({
    cwd: dir.path,
    env: { TENON_CACHE_DIR: dir.file("cache"), ...env },
  });

  /** Runs a command that must not open a socket. */
  function sealed(...args: string[]): Promise<ProcessResult> {
    return spawnTenon(args, here({ NODE_OPTIONS: `--import=${dir.file("preload.mjs")}` }));
  }

  it("opens no socket: not to build what was vendored, and not to say what is missing", async () => {
    const build = ["bundle", "build", "-f", "bundle.yaml"];
    expect(await sealed(...build)).toMatchObject({ code: 99 });
    expect(await sealed(...build, "--offline")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("tenon vendor -f bundle.yaml") as string,
    });
    const online = await tenon(build, here());
    await tenon(["bundle", "lock", "-f", "bundle.yaml"], here());
    await tenon(["vendor", "-f", "bundle.yaml"], here());
    await rm(dir.file("cache"), { recursive: true });
    expect(await sealed(...build, "--offline", "--locked")).toMatchObject({
      code: 0,
      stdout: online,
      stderr: "",
    });
    const range = ["build", "web", `oci://${registry.host}/org/app`, "-v", "^1", "--offline"];
    expect(await sealed(...range)).toMatchObject({ code: 0 });
  });

  it.skipIf(cluster.missing)(
    `applies what was vendored, with the registry gone${cluster.reason}`,
    async () => {
      const ns = newNamespace("offline");
      const { kubeconfig } = sharedCluster();
      const instance = { module: { url: `oci://${registry.host}/org/app`, version: "1.2.0" } };
      const instances = { web: { ...instance, namespace: ns } };
      const bundle = { apiVersion: "v1alpha1", name: ns, instances };
      await dir.write({ "b/apply.json": JSON.stringify({ bundle }) });
      await tenon(["bundle", "lock", "-f", "b/apply.json"], here());
      await tenon(["vendor", "-f", "b/apply.json"], here());
      await registry[Symbol.asyncDispose]();
      const options = here({ KUBECONFIG: kubeconfig, TENON_LOCKED: "1", TENON_OFFLINE: "1" });
      await tenon(["bundle", "apply", "-f", "b/apply.json"], options);
      const release = await kubectl("get", "cm", "web", "-n", ns, "-o", "jsonpath={.data.release}");
      expect(release).toBe("1.2.0");
      const record = await tenon(["inspect", "module", "web", "-n", ns], options);
      const lock = await readFile(dir.file("b/tenon.lock"), "utf8");
      const [digest] = /sha256:[0-9a-f]{64}/.exec(lock) ?? [];
      expect(record).toContain(digest);
    },
  );
});
