import { createHash } from "node:crypto";
import { cp } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readTree } from "../support/read-tree.ts";
import {
  type TestRegistry,
  startDockerRegistry,
  startEmbeddedRegistry,
} from "../support/registries.ts";
import { crane, skopeo } from "../support/registry-clients.ts";
import { repoPath } from "../support/repo.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const clients = ["TENON_TEST_CRANE", "TENON_TEST_SKOPEO"] as const;

const registries = [
  {
    name: "docker-registry",
    tools: needs("TENON_TEST_DOCKER_REGISTRY", ...clients),
    start: startDockerRegistry,
  },
  {
    name: "tenon registry serve",
    tools: needs(...clients),
    start: startEmbeddedRegistry,
  },
];

for (const { name, tools, start } of registries) {
  describe.skipIf(tools.missing)(`tenon mod push and pull with ${name}${tools.reason}`, () => {
    let dir: TempDir;
    let module: string;
    let registry: TestRegistry;
    let image: string;
    let digest: string;

    beforeAll(async () => {
      // Outside of the checkout, whose commit would stand in the manifest.
      dir = await tempDir();
      module = dir.file("app");
      await cp(repoPath("modules/app"), module, { recursive: true });
      registry = await start();
      image = `${registry.host}/modules/app`;
      const args = ["mod", "push", module, `oci://${image}`, "-v", "1.0.0", "-o", "json"];
      digest = (JSON.parse(await tenon(args)) as { digest: string }).digest;
    });
    afterAll(async () => {
      await registry?.[Symbol.asyncDispose]();
      await dir?.[Symbol.asyncDispose]();
    });

    it("gives skopeo and crane a manifest with the digest that was printed", async () => {
      const raw = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${image}:1.0.0`);
      expect(sha256(raw)).toBe(digest);
      expect(await crane("manifest", "--insecure", `${image}:1.0.0`)).toBe(raw);
      for (const tag of ["1.0.0", "latest"]) {
        expect((await crane("digest", "--insecure", `${image}:${tag}`)).trim()).toBe(digest);
      }
    });

    it("gives what `crane validate --remote` accepts", async () => {
      await crane("validate", "--insecure", "--remote", `${image}:1.0.0`);
    });

    it("gives what `skopeo copy` takes to an OCI layout and back with the same digest", async () => {
      await using dir = await tempDir();
      const layout = `oci:${dir.file("layout")}:1.0.0`;
      await skopeo("copy", "-q", "--src-tls-verify=false", `docker://${image}:1.0.0`, layout);
      expect(sha256(await skopeo("inspect", "--raw", layout))).toBe(digest);
      const copy = `${registry.host}/copies/app`;
      await skopeo("copy", "-q", "--dest-tls-verify=false", layout, `docker://${copy}:1.0.0`);
      expect((await crane("digest", "--insecure", `${copy}:1.0.0`)).trim()).toBe(digest);
      const out = dir.file("out");
      await tenon(["mod", "pull", `oci://${copy}`, "-v", "1.0.0", "-d", digest, "-o", out]);
      expect(Object.keys(await readTree(out))).toContain("timoni.cue");
    });

    it("gives back the files that were pushed, byte for byte, without those that are ignored", async () => {
      await using dir = await tempDir();
      const out = dir.file("out");
      await tenon(["mod", "pull", `oci://${image}`, "-v", "1.0.0", "-o", out]);
      const pushed = Object.entries(await readTree(module)).filter(
        ([file]) => file !== "debug_values.cue" && !/^(?:tests|testdata)\//.test(file),
      );
      expect(await readTree(out)).toEqual(Object.fromEntries(pushed));
      expect(pushed.map(([file]) => file)).toContain(
        "cue.mod/gen/k8s.io/api/apps/v1/types_go_gen.cue",
      );
    });

    it("gives the same digest when the same files are pushed again", async () => {
      const args = ["mod", "push", module, `oci://${image}`, "-v", "1.0.0", "-o", "json"];
      expect(JSON.parse(await tenon(args))).toMatchObject({ digest });
    });

    it("lists the versions, the newest first", async () => {
      const args = ["mod", "push", module, `oci://${image}`, "-v", "1.10.0"];
      await tenon(args);
      const listed = JSON.parse(await tenon(["mod", "list", `oci://${image}`, "-o", "json"])) as {
        version: string;
      }[];
      const versions = listed.map(({ version }) => version).filter((name) => name !== "latest");
      expect(versions).toEqual(["1.10.0", "1.0.0"]);
    });

    it("builds an instance from the artifact as from the folder", async () => {
      const fromFolder = await tenon(["build", "web", module, "-n", "apps"]);
      const ref = [`oci://${image}`, "-d", digest, "-n", "apps"];
      const fromArtifact = await tenon(["build", "web", ...ref]);
      const labels = /^ *app\.kubernetes\.io\/version: .*\n/gm;
      expect(fromArtifact.replaceAll(labels, "")).toBe(fromFolder.replaceAll(labels, ""));
    });

    it("does not build what has another digest than the one asked for", async () => {
      const other = `sha256:${"0".repeat(64)}`;
      const args = ["build", "web", `oci://${image}`, "-v", "1.0.0", "-d", other];
      const { code, stdout, stderr } = await spawnTenon(args);
      expect(code).toBe(1);
      expect(stderr).toContain("[OCI_DIGEST_MISMATCH]");
      expect(stdout).toBe("");
    });
  });
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
