import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { helmChart } from "../support/helm.ts";
import { crane, skopeo } from "../support/registry-clients.ts";
import { type RegistryServerProcess, startRegistryServer } from "../support/registry-server.ts";
import { outputOf, runProcess } from "../support/run-process.ts";
import { tarArchive } from "../support/tar-archive.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { cleanEnvironment } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const tools = needs(
  "TENON_TEST_CRANE",
  "TENON_TEST_SKOPEO",
  "TENON_TEST_HELM",
  "TENON_TEST_COSIGN",
);

describe.skipIf(tools.missing)(
  `tenon registry serve with unmodified clients${tools.reason}`,
  () => {
    let dir: TempDir;
    let server: RegistryServerProcess;
    /** An index of the images of two platforms. */
    let image: string;
    let digest: string;

    beforeAll(async () => {
      dir = await tempDir();
      server = await startRegistryServer({ flags: ["--dir", dir.file("data"), "-q"] });
      image = `${server.host}/images/app:1.0.0`;
      digest = await pushImage(server.host, "images/app");
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      await dir?.[Symbol.asyncDispose]();
    });

    /** Pushes an image of each platform with crane, and an index of them; the answer is its digest. */
    async function pushImage(host: string, repository: string): Promise<string> {
      const manifests: unknown[] = [];
      for (const architecture of ["amd64", "arm64"]) {
        const content = architecture.repeat(20_000);
        const layer = await dir.write({
          [`${architecture}.tar.gz`]: tarArchive([{ name: "platform", content }]),
        });
        const tag = `${host}/${repository}:${architecture}`;
        const platform = ["--set-platform", `linux/${architecture}`];
        await crane("append", "--insecure", "--oci-empty-base", "-f", layer, "-t", tag);
        await crane("mutate", "--insecure", ...platform, "-t", tag, tag);
        const text = await crane("manifest", "--insecure", tag);
        const { mediaType } = JSON.parse(text) as WireManifest;
        const descriptor = { mediaType, digest: sha256(text), size: text.length };
        manifests.push({ ...descriptor, platform: { architecture, os: "linux" } });
      }
      const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
      const headers = { "content-type": INDEX };
      const target = `http://${host}/v2/${repository}/manifests/1.0.0`;
      expect((await fetch(target, { method: "PUT", headers, body })).status).toBe(201);
      return sha256(body);
    }

    describe("crane", () => {
      it("validates what it pushed, of each platform", async () => {
        await crane("validate", "--insecure", "--remote", image);
        for (const platform of ["linux/amd64", "linux/arm64"]) {
          await crane("validate", "--insecure", "--remote", image, "--platform", platform);
        }
      });

      it("pulls to a layout and pushes it elsewhere with the same digest", async () => {
        const layout = dir.file("crane-layout");
        await crane("pull", "--insecure", "--format", "oci", image, layout);
        const copy = `${server.host}/copies/crane`;
        await crane("push", "--insecure", layout, `${copy}:1.0.0`, "--index");
        const [pushed] = (await manifestOf(`${copy}:1.0.0`)).manifests;
        expect(pushed?.digest).toBe(digest);
        expect(sha256(await crane("manifest", "--insecure", `${copy}@${digest}`))).toBe(digest);
      });

      it("copies between repositories, lists, tags and deletes", async () => {
        const copy = `${server.host}/copies/listed`;
        await crane("copy", "--insecure", image, `${copy}:1.0.0`);
        await crane("tag", "--insecure", `${copy}:1.0.0`, "latest");
        expect(lines(await crane("ls", "--insecure", copy))).toEqual(["1.0.0", "latest"]);
        expect(lines(await crane("catalog", "--insecure", server.host))).toContain("copies/listed");
        await crane("delete", "--insecure", `${copy}:latest`);
        expect(lines(await crane("ls", "--insecure", copy))).toEqual(["1.0.0"]);
        await crane("delete", "--insecure", `${copy}@${digest}`);
        expect(lines(await crane("ls", "--insecure", copy))).toEqual([]);
      });

      it("adds to an index", async () => {
        const both = `${server.host}/images/app:both`;
        const amd64 = `${server.host}/images/app:amd64`;
        const tag = ["-t", both, "--flatten=false"];
        await crane("index", "append", "--insecure", image, "-m", amd64, ...tag);
        expect((await manifestOf(both)).manifests).toHaveLength(3);
        await crane("validate", "--insecure", "--remote", both);
      });

      it("reads a blob by its digest", async () => {
        const { layers } = await manifestOf(`${server.host}/images/app:arm64`);
        const layer = layers[0]?.digest ?? "";
        const { stdout } = await runProcess("bash", [
          "-c",
          '"$0" blob --insecure "$1" | sha256sum',
          toolPath("TENON_TEST_CRANE"),
          `${server.host}/images/app@${layer}`,
        ]);
        expect(`sha256:${stdout.split(" ")[0]}`).toBe(layer);
      });
    });

    describe("skopeo", () => {
      it("copies an image of many platforms to a layout and back with the same digest", async () => {
        const layout = `oci:${dir.file("skopeo-layout")}:1.0.0`;
        const copy = `docker://${server.host}/copies/skopeo:1.0.0`;
        const all = ["copy", "-q", "--all", "--preserve-digests"];
        await skopeo(...all, "--src-tls-verify=false", `docker://${image}`, layout);
        await skopeo(...all, "--dest-tls-verify=false", layout, copy);
        expect(sha256(await skopeo("inspect", "--raw", "--tls-verify=false", copy))).toBe(digest);
        await crane("validate", "--insecure", "--remote", `${server.host}/copies/skopeo:1.0.0`);
      });

      it("copies within the registry, lists tags and deletes", async () => {
        const copy = `${server.host}/copies/within`;
        const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
        await skopeo("copy", "-q", "--all", ...insecure, `docker://${image}`, `docker://${copy}:a`);
        const listed = await skopeo("list-tags", "--tls-verify=false", `docker://${copy}`);
        expect(JSON.parse(listed)).toMatchObject({ Tags: ["a"] });
        await skopeo("delete", "--tls-verify=false", `docker://${copy}:a`);
        expect(lines(await crane("ls", "--insecure", copy))).toEqual([]);
      });

      it("takes an image in Docker's format", async () => {
        const copy = `${server.host}/copies/docker:1.0.0`;
        const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
        const format = ["--format", "v2s2"];
        const one = `docker://${server.host}/images/app:amd64`;
        await skopeo("copy", "-q", ...format, ...insecure, one, `docker://${copy}`);
        expect((await manifestOf(copy)).mediaType).toBe(
          "application/vnd.docker.distribution.manifest.v2+json",
        );
        await crane("validate", "--insecure", "--remote", copy);
      });
    });

    describe("helm", () => {
      it("pushes a chart, and pulls, shows and renders it", async () => {
        await using chart = await helmChart("kind: ConfigMap\nmetadata: { name: web }\n");
        await using work = await tempDir();
        await using out = await tempDir();
        await helm("package", chart.path, "-d", work.path);
        const charts = `oci://${server.host}/charts`;
        await helm("push", work.file("web-0.1.0.tgz"), charts, "--plain-http");
        expect(lines(await crane("ls", "--insecure", `${server.host}/charts/web`))).toEqual([
          "0.1.0",
        ]);
        const of = [`${charts}/web`, "--version", "0.1.0", "--plain-http"];
        await helm("pull", ...of, "-d", out.path);
        await expectSame(out.file("web-0.1.0.tgz"), work.file("web-0.1.0.tgz"));
        expect(await helm("show", "chart", ...of)).toContain("name: web");
        expect(await helm("template", "web", ...of)).toContain("kind: ConfigMap");
      });
    });

    describe("cosign", () => {
      let keys: TempDir;
      beforeAll(async () => {
        keys = await tempDir();
        await cosign("generate-key-pair", "--output-key-prefix", keys.file("key"));
      });
      afterAll(() => keys?.[Symbol.asyncDispose]());

      const offline = [
        "--allow-http-registry",
        "--use-signing-config=false",
        "--tlog-upload=false",
      ];
      const signing = ["--key", "key.key", "--yes", ...offline];
      const checking = ["--key", "key.pub", "--allow-http-registry", "--insecure-ignore-tlog=true"];

      function cosign(...args: readonly string[]): Promise<string> {
        const env = { ...cleanEnvironment(), COSIGN_PASSWORD: "secret", HOME: keys.path };
        return outputOf(toolPath("TENON_TEST_COSIGN"), args, { env, cwd: keys.path });
      }

      it.each(["true", "false"])("signs and verifies, with bundles: %s", async (bundles) => {
        const repository = `${server.host}/signed/bundles-${bundles}`;
        await crane("copy", "--insecure", image, `${repository}:1.0.0`);
        const format = `--new-bundle-format=${bundles}`;
        const reference = `${repository}@${digest}`;
        const before = await runProcess(
          toolPath("TENON_TEST_COSIGN"),
          ["verify", ...checking, format, reference],
          { env: { ...cleanEnvironment(), HOME: keys.path }, cwd: keys.path },
        );
        expect(before.code).not.toBe(0);
        await cosign("sign", ...signing, format, reference);
        expect(await cosign("verify", ...checking, format, reference)).toContain(digest);
        const api = await fetch(`http://${repository.replace("/", "/v2/")}/referrers/${digest}`);
        const { manifests } = (await api.json()) as { manifests: unknown[] };
        expect(manifests).toHaveLength(bundles === "true" ? 1 : 0);
      });

      it.each(["true", "false"])("attests and verifies it, with bundles: %s", async (bundles) => {
        const repository = `${server.host}/attested/bundles-${bundles}`;
        await crane("copy", "--insecure", image, `${repository}:1.0.0`);
        const format = `--new-bundle-format=${bundles}`;
        await keys.write({ "predicate.json": '{"tested":true}' });
        const predicate = ["--predicate", "predicate.json", "--type", "https://example.org/tested"];
        const reference = `${repository}@${digest}`;
        await cosign("attest", ...signing, format, ...predicate, reference);
        const type = ["--type", "https://example.org/tested"];
        await cosign("verify-attestation", ...checking, format, ...type, reference);
        const [, repositoryName] = repository.split(/\/(.*)/);
        expect(lines(await crane("catalog", "--insecure", server.host))).toContain(repositoryName);
      });
    });

    describe("over HTTPS with a user and a password", () => {
      let secure: RegistryServerProcess;
      let certificates: TempDir;
      beforeAll(async () => {
        certificates = await tempDir();
        const [cert, key] = [certificates.file("ca.crt"), certificates.file("server.pem")];
        const subject = ["-subj", "/CN=tenon", "-addext", "subjectAltName=IP:127.0.0.1"];
        const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        await outputOf("openssl", [
          "req",
          "-x509",
          ...made,
          "-keyout",
          key,
          "-out",
          cert,
          ...subject,
        ]);
        secure = await startRegistryServer({
          flags: ["-q", "-u", "ann", "--tls-cert", cert, "--tls-key", key],
          env: { TENON_REGISTRY_PASSWORD: "s3cr3t" },
        });
      });
      afterAll(async () => {
        await secure?.[Symbol.asyncDispose]();
        await certificates?.[Symbol.asyncDispose]();
      });

      it("takes and gives images to skopeo that knows both, and refuses it otherwise", async () => {
        const copy = `docker://${secure.host}/copies/secure:1.0.0`;
        const push = ["copy", "-q", "--all", "--src-tls-verify=false", `docker://${image}`, copy];
        const trust = ["--dest-cert-dir", certificates.path];
        await skopeo(...push, ...trust, "--dest-creds", "ann:s3cr3t");
        await expect(skopeo(...push, ...trust)).rejects.toThrow(/unauthorized|authentication/);
        await expect(skopeo(...push, ...trust, "--dest-creds", "ann:wrong")).rejects.toThrow(
          /unauthorized|username\/password/,
        );
        await expect(skopeo(...push, "--dest-creds", "ann:s3cr3t")).rejects.toThrow(/x509/);
        const back = ["--src-cert-dir", certificates.path, "--src-creds", "ann:s3cr3t"];
        const layout = `oci:${certificates.file("layout")}:1.0.0`;
        await skopeo("copy", "-q", "--all", ...back, copy, layout);
        expect(sha256(await skopeo("inspect", "--raw", layout))).toBe(digest);
      });

      it("lets helm log in, push and pull", async () => {
        await using chart = await helmChart("kind: ConfigMap\nmetadata: { name: web }\n");
        await using work = await tempDir();
        await using out = await tempDir();
        const config = ["--registry-config", work.file("config.json")];
        const ca = ["--ca-file", certificates.file("ca.crt"), ...config];
        const user = ["--username", "ann", "--password", "s3cr3t"];
        await helm("registry", "login", secure.host, ...user, ...ca);
        await helm("package", chart.path, "-d", work.path);
        await helm("push", work.file("web-0.1.0.tgz"), `oci://${secure.host}/charts`, ...ca);
        await helm("pull", `oci://${secure.host}/charts/web`, "-d", out.path, ...ca);
        await expectSame(out.file("web-0.1.0.tgz"), work.file("web-0.1.0.tgz"));
      });
    });
  },
);

interface WireManifest {
  readonly mediaType: string;
  readonly layers: readonly { readonly digest: string }[];
  readonly manifests: readonly { readonly digest: string }[];
}

async function manifestOf(reference: string): Promise<WireManifest> {
  return JSON.parse(await crane("manifest", "--insecure", reference)) as WireManifest;
}

function helm(...args: readonly string[]): Promise<string> {
  return outputOf(toolPath("TENON_TEST_HELM"), args, { env: cleanEnvironment() });
}

async function expectSame(file: string, other: string): Promise<void> {
  expect((await readFile(file)).equals(await readFile(other))).toBe(true);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
