import { cp } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { crane, skopeo } from "../support/registry-clients.ts";
import { repoPath } from "../support/repo.ts";
import { type ProcessResult, outputOf } from "../support/run-process.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CRANE", "TENON_TEST_SKOPEO");

interface Pushed {
  readonly url: string;
  readonly digest: string;
  readonly objects: number;
  readonly secrets: readonly string[];
}

describe.skipIf(tools.missing)(`pushed renders${tools.reason}`, () => {
  let dir: TempDir;
  let registry: TestRegistry;

  beforeAll(async () => {
    // Outside of the checkout, whose commit would stand in the manifest.
    dir = await tempDir();
    await cp(repoPath("test/e2e/fixtures/secret"), dir.file("app"), { recursive: true });
    await dir.write({
      "values.yaml": "values: {password: correct-horse-1}\n",
      "bundle.yaml": `bundle:
  apiVersion: v1alpha1
  name: shop
  instances:
    web:
      module: {url: "oci://REGISTRY/modules/app", version: "1.0.0"}
      namespace: shop
      values: {password: correct-horse-1}
  objects:
    extra:
      namespace: tools
      items:
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: extra}, data: {a: b}}
`,
    });
    registry = await startEmbeddedRegistry();
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const build = () => [
    "build",
    "web",
    dir.file("app"),
    "-n",
    "apps",
    "-f",
    dir.file("values.yaml"),
  ];
  const manifestOf = async (image: string): Promise<{ annotations: unknown }> =>
    JSON.parse(await crane("manifest", "--insecure", image)) as { annotations: unknown };

  it("are what `build` prints, under the same digest each time", async () => {
    const image = `${registry.host}/rendered/web`;
    const args = [...build(), "--push", `oci://${image}:1.0.0`];
    const first = await spawnTenon([...args, "-o", "json"]);
    expect(first.code, first.stderr).toBe(0);
    const pushed = JSON.parse(first.stdout) as Pushed;
    expect(pushed).toMatchObject({
      url: `oci://${image}@${pushed.digest}`,
      repository: image,
      tag: "1.0.0",
      objects: 2,
      secrets: ["Secret/apps/web"],
    });
    expect(first.stderr).toContain("warning: the artifact holds the data of Secret/apps/web");
    expect(first.stderr + first.stdout).not.toContain("correct-horse");
    expect(await tenon(args)).toContain(`digest: ${pushed.digest}\n`);
    expect((await crane("digest", "--insecure", `${image}:1.0.0`)).trim()).toBe(pushed.digest);
    await crane("validate", "--insecure", "--remote", `${image}@${pushed.digest}`);

    const out = dir.file("layout");
    await skopeo("copy", "-q", "--src-tls-verify=false", `docker://${image}:1.0.0`, `dir:${out}`);
    const [layer] = (await layersOf(image)) as [{ mediaType: string; digest: string }];
    expect(layer.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip");
    const file = `${out}/${layer.digest.replace("sha256:", "")}`;
    expect(await outputOf("tar", ["-tzf", file])).toBe(".\nmanifests.yaml\n");
    expect(await outputOf("tar", ["-xOzf", file, "manifests.yaml"])).toBe(await tenon(build()));
  });

  async function layersOf(image: string): Promise<unknown> {
    const text = await crane("manifest", "--insecure", `${image}:1.0.0`);
    return (JSON.parse(text) as { layers: unknown }).layers;
  }

  it("of a bundle are one artifact, which names its modules and all namespaces", async () => {
    const args = ["mod", "push", dir.file("app"), `oci://${registry.host}/modules/app`];
    const module = JSON.parse(await tenon([...args, "-v", "1.0.0", "-o", "json"])) as Pushed;
    const file = dir.file("bundle.yaml");
    await outputOf("sed", ["-i", `s/REGISTRY/${registry.host}/`, file]);
    const image = `${registry.host}/rendered/shop`;
    const push = ["bundle", "build", "-f", file, "--push", `oci://${image}:1.0.0`];
    const emitted = await tenon([...push, "--emit", "argocd", "-o", "json"]);
    const digest = (await crane("digest", "--insecure", `${image}:1.0.0`)).trim();
    expect(JSON.parse(emitted)).toMatchObject({
      kind: "List",
      items: [
        {
          kind: "Application",
          metadata: { name: "shop" },
          spec: { source: { repoURL: `oci://${image}`, targetRevision: digest } },
        },
      ],
    });
    expect((await manifestOf(`${image}:1.0.0`)).annotations).toEqual({
      "tenon.dev/modules": `oci://${registry.host}/modules/app:1.0.0@${module.digest},tenon.dev/inline`,
    });
    const printed = documentsIn(await tenon(["bundle", "build", "-f", file]));
    const [layer] = (await layersOf(image)) as [{ digest: string }];
    const tar = await craneBlob(`${image}@${layer.digest}`);
    const pulled = documentsIn(tar.subarray(1024, tar.indexOf(0, 1024)).toString());
    expect(pulled).toEqual([
      ...printed.slice(0, -1),
      { ...Object(printed.at(-1)), metadata: { name: "extra", namespace: "tools" } },
    ]);
  });

  /** The unpacked content of a layer. */
  async function craneBlob(blob: string): Promise<Buffer> {
    const response = await fetch(`http://${blob.replace("/", "/v2/").replace("@", "/blobs/")}`);
    return gunzipSync(Buffer.from(await response.arrayBuffer()));
  }

  it("can be had applied by Flux, by their digest or their tag", async () => {
    const image = `${registry.host}/rendered/web`;
    const push = [...build(), "--push", `oci://${image}:2.0.0`, "--emit", "flux"];
    const [repository, kustomization] = documentsIn(await tenon(push));
    const digest = (await crane("digest", "--insecure", `${image}:2.0.0`)).trim();
    expect(repository).toMatchObject({
      kind: "OCIRepository",
      spec: { url: `oci://${image}`, ref: { digest } },
    });
    expect(kustomization).toMatchObject({
      kind: "Kustomization",
      spec: { sourceRef: { kind: "OCIRepository", name: "web" } },
    });
    const [byTag] = documentsIn(await tenon([...push, "--pin", "tag", "--registry-insecure"]));
    expect(byTag).toMatchObject({ spec: { ref: { tag: "2.0.0" }, insecure: true } });
    const place = ["--emit-name", "web-a", "--emit-namespace", "team-a"];
    const placed = documentsIn(await tenon([...push, ...place]));
    const metadata = { name: "web-a", namespace: "team-a" };
    expect(placed).toMatchObject([
      { metadata },
      { metadata, spec: { sourceRef: { kind: "OCIRepository", name: "web-a" } } },
    ]);
  });

  it("move the tag of a released version only with --overwrite", async () => {
    const image = `${registry.host}/rendered/moved`;
    const push = (tag: string, ...flags: string[]): Promise<ProcessResult> =>
      spawnTenon([...build(), "--push", `oci://${image}:${tag}`, "-o", "json", ...flags]);
    expect((await push("3.0.0")).code).toBe(0);
    expect((await push("stable")).code).toBe(0);
    const { code, stderr } = await push("3.0.0", "--set", "password=moved");
    expect(code).toBe(2);
    expect(stderr).toContain(`"code":"DEPLOY_VERSION_RELEASED"`);
    const moved = await push("3.0.0", "--set", "password=moved", "--overwrite");
    expect(moved.code, moved.stderr).toBe(0);
    const again = await push("stable", "--set", "password=moved");
    expect(JSON.parse(again.stdout)).toMatchObject({ tag: "stable" });
    expect((JSON.parse(again.stdout) as Pushed).digest).toBe(
      (JSON.parse(moved.stdout) as Pushed).digest,
    );
  });

  it.each([
    [["--overwrite"], "CLI_USAGE", "--overwrite needs --push"],
    [["--emit", "flux"], "CLI_USAGE", "--emit needs --push"],
    [["--pin", "tag"], "CLI_USAGE", "--pin needs --push"],
    [["--push", "oci://r.example.com/web:1", "--pin", "tag"], "CLI_USAGE", "--pin needs --emit"],
    [["--emit-name", "web"], "CLI_USAGE", "--emit-name needs --push"],
    [
      ["--push", "oci://r.example.com/web:1", "--emit-namespace", "a"],
      "CLI_USAGE",
      "--emit-namespace needs --emit",
    ],
    [
      ["--push", "oci://r.example.com/web:1", "--emit", "flux", "--emit-name", "A_b"],
      "CLI_USAGE",
      '--emit-name "A_b" is no lower-case DNS name',
    ],
    [["--push", "oci://r.example.com/web:1", "--mask-secrets"], "CLI_USAGE", "masked Secrets"],
    [["--push", "oci://r.example.com/web"], "DEPLOY_PUSH_TAG_MISSING", "it has no tag"],
    [["--push", "r.example.com/web:1"], "OCI_REFERENCE_INVALID", "it must begin with oci://"],
  ])("are refused with %j before anything is rendered", async (flags, code, text) => {
    const { stdout, stderr, ...result } = await spawnTenon(["build", "web", "missing", ...flags]);
    expect(result.code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(text);
    expect(stderr).toContain(`[${code}]`);
  });
});

/** The objects in a YAML text. */
function documentsIn(text: string): unknown[] {
  const all = parseAllDocuments(text).map((document): unknown => document.toJS());
  return all.filter((object) => object !== null);
}
