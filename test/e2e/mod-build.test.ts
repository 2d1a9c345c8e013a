import { createHash } from "node:crypto";
import { readFile, utimes } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readTree } from "../support/read-tree.ts";
import { type TestRegistry, startDockerRegistry } from "../support/registries.ts";
import { crane, skopeo } from "../support/registry-clients.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_DOCKER_REGISTRY", "TENON_TEST_CRANE", "TENON_TEST_SKOPEO");

const module = {
  "m/cue.mod/module.cue": 'module: "example.com/m"\nlanguage: version: "v0.17.0"\n',
  "m/timoni.cue": `package main

values: {replicas: *1 | int}
timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {name: string @tag(name), namespace: string @tag(namespace)}
	apply: app: [{
		apiVersion: "v1"
		kind:       "ConfigMap"
		metadata:   instance.config.metadata
		data: replicas: "\\(values.replicas)"
	}]
}
`,
  "m/values.cue": "package main\n\nvalues: {}\n",
};

describe.skipIf(tools.missing)(`tenon mod build${tools.reason}`, () => {
  let dir: TempDir;
  let registry: TestRegistry;
  let digest: string;

  beforeAll(async () => {
    dir = await tempDir();
    await dir.write(module);
    registry = await startDockerRegistry();
    digest = await build("m.tar");
    expect(await build("m-layout")).toBe(digest);
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  async function build(output: string): Promise<string> {
    const args = ["mod", "build", dir.file("m"), "-v", "1.0.0", "-o", dir.file(output)];
    return (JSON.parse(await tenon([...args, "-o", "json"])) as { digest: string }).digest;
  }

  async function push(source: string, repository: string, ...flags: string[]): Promise<string> {
    const url = `oci://${registry.host}/${repository}`;
    const args = ["mod", "push", dir.file(source), url, "-o", "json", ...flags];
    return (JSON.parse(await tenon(args)) as { digest: string }).digest;
  }

  function digestOf(repository: string, tag: string): Promise<string> {
    return crane("digest", "--insecure", `${registry.host}/${repository}:${tag}`);
  }

  it("writes archives and folders in which skopeo finds what mod push would push", async () => {
    for (const layout of [`oci-archive:${dir.file("m.tar")}`, `oci:${dir.file("m-layout")}`]) {
      const raw = await skopeo("inspect", "--raw", `${layout}:1.0.0`);
      expect(`sha256:${createHash("sha256").update(raw).digest("hex")}`).toBe(digest);
    }
    expect(await push("m", "pushed/folder", "-v", "1.0.0")).toBe(digest);
  });

  it("writes the same bytes later", async () => {
    for (const file of Object.keys(module)) await utimes(dir.file(file), 1, 1);
    await build("again.tar");
    await build("again-layout");
    expect(await readFile(dir.file("again.tar"))).toEqual(await readFile(dir.file("m.tar")));
    expect(await readTree(dir.file("again-layout"))).toEqual(await readTree(dir.file("m-layout")));
  });

  it("is pushed by mod push as it was built, under its version", async () => {
    expect(await push("m.tar", "pushed/archive")).toBe(digest);
    expect(await push("m-layout", "pushed/layout", "-v", "1.0.0", "--latest=false")).toBe(digest);
    for (const tag of ["1.0.0", "latest"]) {
      expect((await digestOf("pushed/archive", tag)).trim()).toBe(digest);
    }
    const url = `oci://${registry.host}/pushed/archive`;
    const built = await tenon(["build", "web", url, "-v", "1.0.0", "-d", digest]);
    expect(built).toContain('replicas: "1"');
  });

  it("is pushed by skopeo and crane with the same digest, as a module", async () => {
    const archive = `oci-archive:${dir.file("m.tar")}:1.0.0`;
    const target = `${registry.host}/copies/skopeo:1.0.0`;
    await skopeo("copy", "-q", "--dest-tls-verify=false", archive, `docker://${target}`);
    const layout = dir.file("m-layout");
    await crane("push", "--insecure", layout, `${registry.host}/copies/crane:1.0.0`);
    for (const repository of ["copies/skopeo", "copies/crane"]) {
      expect((await digestOf(repository, "1.0.0")).trim()).toBe(digest);
      const out = dir.file(repository);
      const url = `oci://${registry.host}/${repository}`;
      await tenon(["mod", "pull", url, "-v", "1.0.0", "-o", out]);
      expect(await readTree(out)).toEqual(await readTree(dir.file("m")));
    }
  });

  it("is not the only tool whose archives mod push takes", async () => {
    const copy = dir.file("skopeo.tar");
    const target = `oci-archive:${copy}:anything`;
    await skopeo("copy", "-q", `oci:${dir.file("m-layout")}:1.0.0`, target);
    expect(await push("skopeo.tar", "pushed/foreign")).toBe(digest);
  });

  it("pushes nothing of a damaged archive", async () => {
    const bytes = await readFile(dir.file("m.tar"));
    await dir.write({ "cut.tar": bytes.subarray(0, bytes.length - 3000) });
    const url = `oci://${registry.host}/pushed/cut`;
    const { code, stderr } = await spawnTenon(["mod", "push", dir.file("cut.tar"), url]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("[OCI_ARCHIVE_INVALID]")]);
    await expect(digestOf("pushed/cut", "1.0.0")).rejects.toThrow();
  });
});
