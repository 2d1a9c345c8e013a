import { generateKeyPairSync } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";

import { type Descriptor, attachFile, createRegistryClient, legacyTags } from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  type TestRegistry,
  startDockerRegistry,
  startEmbeddedRegistry,
} from "../support/registries.ts";
import { skopeo } from "../support/registry-clients.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { pushImage, pushIndex } from "../support/test-image.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_DOCKER_REGISTRY", "TENON_TEST_SKOPEO");

interface Report {
  readonly artifacts: readonly {
    readonly role: string;
    readonly name: string;
    readonly digest: string;
  }[];
  readonly blobs: { readonly moved: number; readonly known: number };
  readonly files: readonly string[];
}

const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));

/** A module with the objects that are given as CUE. */
function moduleFiles(name: string, objects: string): Record<string, string> {
  return {
    [`${name}/cue.mod/module.cue`]: `module: "example.com/${name}"\nlanguage: version: "v0.17.0"\n`,
    [`${name}/values.cue`]: "package main\n\nvalues: {}\n",
    [`${name}/timoni.cue`]: `package main

values: {registry: string, digest: *"" | string, image: {
	repository: *"\\(registry)/images/plain" | string
	tag:        *"1.0" | string
	digest:     *"" | string
	reference:  "\\(repository):\\(tag)"
}}
timoni: {
	apiVersion: "v1alpha1"
	instance: config: {values, metadata: {name: string @tag(name), namespace: string @tag(namespace)}}
	apply: app: [${objects}]
}
`,
  };
}

const publicKey = (): string =>
  generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }).toString();

/** What travels with a bundle, and beside it what does not. */
const files = {
  "tenon.trust.yaml": `# of release.key
rules:
  - prefix: '*'
    keys: [./keys/release.pub, keys/.old/release.pub]
`,
  "keys/release.pub": publicKey(),
  "keys/.old/release.pub": publicKey(),
  "release.key": "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
};
const carried = ["tenon.lock", "tenon.trust.yaml", "keys/release.pub"] as const;

const pod = `{
		metadata: labels: app: "web"
		spec: {
			containers: [{name: "web", image: instance.config.image.reference}, {
				name:  "side"
				image: "\\(values.registry)/images/multi:2.0"
			}]
			initContainers: [{name: "first", image: "\\(values.registry)/images/signed@\\(values.digest)"}]
		}
	}`;

const modules = {
  ...moduleFiles(
    "web",
    `{
		apiVersion: "apps/v1"
		kind:       "Deployment"
		metadata:   instance.config.metadata
		spec: {selector: matchLabels: app: "web", template: ${pod}}
	}`,
  ),
  ...moduleFiles(
    "task",
    `{
		apiVersion: "batch/v1"
		kind:       "CronJob"
		metadata:   instance.config.metadata
		spec: {schedule: "0 0 * * *", jobTemplate: spec: template: spec: {
			restartPolicy: "Never"
			containers: [{name: "task", image: "\\(values.registry)/images/referred:1.0"}]
		}}
	}`,
  ),
  ...moduleFiles(
    "config",
    `{
		apiVersion: "v1"
		kind:       "ConfigMap"
		metadata: {instance.config.metadata, annotations: "tenon.dev/images": "data.tool"}
		data: tool: "\\(values.registry)/images/tool:1.0"
	}`,
  ),
};

describe.skipIf(tools.missing)(`bundle export and import${tools.reason}`, () => {
  let dir: TempDir;
  let source: TestRegistry;
  let target: TestRegistry;
  let signed: Descriptor;
  let exported: Report;
  /** Digests as the source had them. */
  const digests = new Map<string, string>();
  const namespace = newNamespace("air-gap");

  beforeAll(async () => {
    dir = await tempDir();
    await dir.write(modules);
    [source, target] = [await startDockerRegistry(), await startEmbeddedRegistry()];
    await fill();
    await dir.write({ "bundle.yaml": bundle(), ...files });
    await tenon(["bundle", "lock", "-f", dir.file("bundle.yaml")]);
  });
  afterAll(async () => {
    await source?.[Symbol.asyncDispose]();
    await target?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  async function fill(): Promise<void> {
    for (const name of ["web", "task", "config"]) {
      const url = `oci://${source.host}/modules/${name}`;
      const args = ["mod", "push", dir.file(name), url, "-v", "1.0.0", "-o", "json"];
      const { digest } = JSON.parse(await tenon(args)) as { digest: string };
      digests.set(`${source.host}/modules/${name}:1.0.0`, digest);
    }
    await using client = createRegistryClient({ host: source.host });
    const push = async (name: string, tag: string): Promise<Descriptor> => {
      const pushed = await pushImage(client, `images/${name}`, { content: name, tags: [tag] });
      digests.set(`${source.host}/images/${name}:${tag}`, pushed.digest);
      return pushed;
    };
    await push("plain", "1.0");
    await push("tool", "1.0");
    const referred = await push("referred", "1.0");
    const note = { artifactType: "text/sbom", mediaType: "text/plain", content: Buffer.from("a") };
    const sbom = await attachFile(client, "images/referred", referred, note);
    await attachFile(client, "images/referred", sbom, { ...note, artifactType: "text/signature" });
    const multi = { content: "multi", tags: ["2.0"], platforms };
    const { digest } = await pushIndex(client, "images/multi", multi);
    digests.set(`${source.host}/images/multi:2.0`, digest);
    signed = await pushImage(client, "images/signed", { content: "signed", tags: ["3.0"] });
    digests.set(`${source.host}/images/signed@${signed.digest}`, signed.digest);
    const [signature] = legacyTags(signed.digest);
    await pushImage(client, "images/signed", { content: "signature", tags: [signature!] });
  }

  const bundle = (): string => {
    const instances = ["web", "task", "config"].map(
      (name) => `    ${name}:
      module: {url: "oci://${source.host}/modules/${name}", version: "1.0.0"}
      namespace: ${namespace}
      values: {registry: "${source.host}", digest: "${signed.digest}"}
`,
    );
    return `bundle:\n  apiVersion: v1alpha1\n  name: shop\n  instances:\n${instances.join("")}`;
  };

  async function exportTo(output: string, ...flags: string[]): Promise<Report> {
    const args = ["bundle", "export", dir.file(output), "-f", dir.file("bundle.yaml"), ...flags];
    return JSON.parse(await tenon([...args, "-o", "json"])) as Report;
  }

  const importFrom = (file: string, ...flags: string[]): string[] => [
    "bundle",
    "import",
    `oci://${target.host}/air`,
    dir.file(file),
    ...flags,
  ];

  it("finds all modules and images, with what refers to them", async () => {
    exported = await exportTo("shop.tar");
    const found = exported.artifacts.map(({ name, digest }) => [name, digest] as const);
    expect(new Map(found)).toEqual(digests);
    expect(exported.files).toEqual(carried);
    expect(await readdir(dir.path)).not.toContain("shop.tar.partial");
    const image = `oci-archive:${dir.file("shop.tar")}:${source.host}/images/plain:1.0`;
    expect(JSON.parse(await skopeo("inspect", "--raw", image))).toMatchObject({ schemaVersion: 2 });
  });

  it("writes the same bytes again, a folder with the same files, and nothing that is known", async () => {
    await exportTo("again.tar");
    expect(await readFile(dir.file("again.tar"))).toEqual(await readFile(dir.file("shop.tar")));
    await exportTo("folder");
    const again = await exportTo("folder");
    expect(again.blobs.moved).toBe(0);
    const since = await exportTo("since.tar", "--since", dir.file("shop.tar"));
    expect(since.blobs).toEqual({ moved: 0, known: exported.blobs.moved });
    const alone = await spawnTenon(importFrom("since.tar"));
    expect(alone).toMatchObject({ code: 1, stdout: "" });
    expect(alone.stderr).toContain("import what it builds upon first");
  });

  it("takes chosen platforms and keeps the digest of the index", async () => {
    const chosen = await exportTo("amd64.tar", "--platform", "linux/amd64");
    expect(chosen.artifacts).toEqual(exported.artifacts);
    expect(chosen.blobs.moved).toBe(exported.blobs.moved - 2);
    const there = `oci://${target.host}/amd64`;
    await tenon(["bundle", "import", there, dir.file("amd64.tar")]);
    const strict = ["bundle", "import", `oci://${source.host}/amd64`, dir.file("amd64.tar")];
    const refused = await spawnTenon(strict);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("takes no index that lacks some of its manifests");
    const args = ["bundle", "export", dir.file("none.tar"), "-f", dir.file("bundle.yaml")];
    const none = await spawnTenon([...args, "--platform", "linux/s390x"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("it is for linux/amd64, linux/arm64 [OCI_PLATFORM_MISSING]");
  });

  it("brings everything to an empty registry when the first one is gone", async () => {
    await source[Symbol.asyncDispose]();
    const flags = ["--write-mirrors", dir.file("mirrors.conf"), "--files", dir.file("there")];
    const text = await tenon(importFrom("shop.tar", ...flags, "-o", "json"));
    expect(JSON.parse(text)).toMatchObject({ bundle: "shop", files: carried, keptTags: [] });
    for (const name of carried) {
      expect(await readFile(dir.file("there", name))).toEqual(await readFile(dir.file(name)));
    }
    await using client = createRegistryClient({ host: target.host });
    const place = (name: string): string => name.replace(source.host, `air/${hostPart()}`);
    for (const [name, digest] of digests) {
      const [repository, reference] = place(name).split(/[:@](?=[^/]*$)/) as [string, string];
      const wanted = name.includes("@") ? digest : reference;
      expect((await client.readManifest(repository, wanted)).descriptor.digest).toBe(digest);
    }
    const images = `air/${hostPart()}/images`;
    const [signature] = legacyTags(signed.digest);
    await client.readManifest(`${images}/signed`, signature!);
    const types: unknown[] = [];
    const referred = (await client.readManifest(`${images}/referred`, "1.0")).descriptor.digest;
    for await (const one of client.listReferrers(`${images}/referred`, referred)) {
      types.push(one.artifactType);
      for await (const other of client.listReferrers(`${images}/referred`, one.digest)) {
        types.push(other.artifactType);
      }
    }
    expect(types).toEqual(["text/sbom", "text/signature"]);
  });

  it("pushes nothing the second time, and what is new with --since", async () => {
    const again = JSON.parse(await tenon(importFrom("shop.tar", "-o", "json"))) as Report;
    expect(again.blobs.moved).toBe(0);
    const since = JSON.parse(await tenon(importFrom("since.tar", "-o", "json"))) as Report;
    expect(since.blobs.moved).toBe(0);
  });

  it("builds and applies from there with the mirrors that it wrote", async () => {
    const env = {
      TENON_REGISTRIES_CONF: dir.file("mirrors.conf"),
      TENON_CACHE_DIR: dir.file("cache"),
      KUBECONFIG: sharedCluster().kubeconfig,
    };
    const file = ["-f", dir.file("bundle.yaml")];
    const built = await tenon(["bundle", "build", ...file], { env });
    expect(built).toContain(`image: ${source.host}/images/multi:2.0`);
    const applied = await tenon(
      ["bundle", "apply", ...file, "--locked", "--wait=false", "-o", "json"],
      {
        env,
      },
    );
    for (const name of ["web", "task", "config"]) {
      expect(applied).toContain(digests.get(`${source.host}/modules/${name}:1.0.0`));
    }
    const live = await kubectl(
      "get",
      "deployment,cronjob,configmap",
      "-n",
      namespace,
      "-o",
      "name",
    );
    expect(live).toContain("deployment.apps/web");
    expect(live).toContain("cronjob.batch/task");
    expect(live).toContain("configmap/config");
  });

  const hostPart = (): string => source.host.replace(":", "-");
});
