import { cp } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  type TestRegistry,
  startDockerRegistry,
  startEmbeddedRegistry,
} from "../support/registries.ts";
import { skopeo } from "../support/registry-clients.ts";
import { repoPath } from "../support/repo.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs(
  "TENON_TEST_DOCKER_REGISTRY",
  "TENON_TEST_SKOPEO",
  "TENON_TEST_CLUSTER",
  "TENON_TEST_KUBECTL",
);

describe.skipIf(tools.missing)(`a mirror table${tools.reason}`, () => {
  let dir: TempDir;
  let mirror: TestRegistry;
  let digest: string;
  /** The registry that the modules are named by: it is gone. */
  let gone: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    dir = await tempDir();
    await cp(repoPath("modules/app"), dir.file("app"), { recursive: true });
    const source = await startDockerRegistry();
    gone = source.host;
    mirror = await startEmbeddedRegistry();
    for (const version of ["1.0.0", "1.1.0"]) {
      const url = `oci://${gone}/modules/app`;
      const args = ["mod", "push", dir.file("app"), url, "-v", version, "-o", "json"];
      digest = (JSON.parse(await tenon(args)) as { digest: string }).digest;
      await tenon([
        "artifact",
        "copy",
        `${url}:${version}`,
        `oci://${mirror.host}/far/modules/app`,
      ]);
    }
    await source[Symbol.asyncDispose]();
    await dir.write({
      "registries.conf": `[[registry]]
location = "${gone}"
[[registry.mirror]]
location = "${gone}/void"
[[registry.mirror]]
location = "${mirror.host}/far"
[[registry]]
location = "ghcr.io"
[[registry.mirror]]
location = "${mirror.host}/ghcr"
`,
    });
    env = {
      TENON_REGISTRIES_CONF: dir.file("registries.conf"),
      TENON_CACHE_DIR: dir.file("cache"),
    };
  });
  afterAll(async () => {
    await mirror?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  it("gives modules of a registry that is gone, under their own names", async () => {
    const url = `oci://${gone}/modules/app`;
    const { stdout } = await spawnTenon(
      ["mod", "pull", url, "-v", "^1.0", "-o", dir.file("pulled")],
      { env },
    );
    expect(stdout).toContain(`artifact: ${url}:1.1.0\ndigest: ${digest}\n`);
    const raw = ["inspect", "--raw", "--tls-verify=false", `docker://${gone}/modules/app:1.1.0`];
    const conf = ["--registries-conf", dir.file("registries.conf")];
    expect(JSON.parse(await skopeo(...conf, ...raw))).toMatchObject({ schemaVersion: 2 });
    const listed = JSON.parse(await tenon(["mod", "list", url, "-o", "json"], { env })) as unknown;
    expect(listed).toMatchObject([{ version: "1.1.0" }, { version: "1.0.0" }]);
  });

  it("says which mirror failed, and does not push to one", async () => {
    const built = await spawnTenon(["build", "web", `oci://${gone}/modules/app`, "-v", "1.0.0"], {
      env,
    });
    expect(built.code).toBe(0);
    expect(built.stderr).toContain(`warning: mirror ${gone}/void/modules/app:1.0.0: Cannot read`);
    const [name, at] = [`${gone}/modules/app:1.0.0`, `${mirror.host}/far/modules/app:1.0.0`];
    expect(built.stderr).toContain(`reading ${name} from ${at}`);
    const push = ["mod", "push", dir.file("app"), `oci://${gone}/modules/app`, "-v", "2.0.0"];
    const pushed = await spawnTenon(push, { env });
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toContain("OCI_UNREACHABLE");
  });

  it("gives images another place, which the instance remembers", async () => {
    const namespace = newNamespace("mirrors");
    const common = ["web", `oci://${gone}/modules/app`, "-v", "1.0.0", "-n", namespace];
    const image = ["--set", "image.repository=ghcr.io/org/web", "--set", "image.tag=1.0"];
    const cluster = { env: { ...env, KUBECONFIG: sharedCluster().kubeconfig } };
    const rewritten = {
      images: expect.arrayContaining([`${mirror.host}/ghcr/org/web:1.0`]) as unknown,
      rewrittenImages: [{ from: "ghcr.io/org/web:1.0", to: `${mirror.host}/ghcr/org/web:1.0` }],
    };
    const args = ["apply", ...common, ...image, "--rewrite-images", "--wait=false", "-o", "json"];
    const applied = JSON.parse(await tenon(args, cluster)) as unknown;
    expect(applied).toMatchObject({
      ...rewritten,
      module: {
        repository: `oci://${gone}/modules/app`,
        mirror: `${mirror.host}/far/modules/app:1.0.0`,
      },
    });
    const path = "jsonpath={.items[*].spec.template.spec.containers[*].image}";
    const live = await kubectl("get", "deployments", "-n", namespace, "-o", path);
    expect(live).toBe(`${mirror.host}/ghcr/org/web:1.0`);
    const status = await spawnTenon(["status", "web", "-n", namespace, "-o", "json"], cluster);
    expect(JSON.parse(status.stdout)).toMatchObject(rewritten);
    const without = ["apply", ...common, ...image, "--dry-run", "-o", "json"];
    expect(JSON.parse(await tenon(without, cluster))).toMatchObject({
      images: expect.arrayContaining(["ghcr.io/org/web:1.0"]) as unknown,
      changes: expect.arrayContaining([
        expect.objectContaining({ kind: "Deployment", action: "configured" }),
      ]),
    });
  });
});
