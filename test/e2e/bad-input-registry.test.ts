import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { failureOf } from "../support/bad-input.ts";
import { type RegistryAnswer, startLyingProxy } from "../support/lying-proxy.ts";
import { type RawArtifact, pushRaw } from "../support/push-raw.ts";
import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { fixture } from "../support/repo.ts";
import { freePort } from "../support/start-server.ts";
import { type TarEntry, tarArchive } from "../support/tar-archive.ts";
import { tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";

let registry: TestRegistry;
let digest: string;
let count = 0;

beforeAll(async () => {
  registry = await startEmbeddedRegistry();
  const args = ["mod", "push", fixture("small"), `oci://${registry.host}/small`, "-v", "1.0.0"];
  digest = (JSON.parse(await tenon([...args, "-o", "json"])) as { digest: string }).digest;
});
afterAll(() => registry?.[Symbol.asyncDispose]());

/** Pulls into a folder that must not be there afterwards, with a cache that has nothing of it. */
async function pull(host: string, repository: string, ...more: string[]): Promise<string> {
  await using cache = await tempDir();
  const args = ["mod", "pull", `oci://${host}/${repository}`, "-v", "1.0.0", "-o", "out", ...more];
  const env = { TENON_CACHE_DIR: cache.path };
  return await failureOf(args, { env, replace: { [host]: "HOST" } });
}

describe("tenon rejects a reference", () => {
  it.each(["ghcr.io/org/app", "oci://", "oci://127.0.0.1:1/UPPER", "oci://127.0.0.1:1/a b"])(
    "that is %s",
    async (reference) => {
      const report = await failureOf(["mod", "pull", reference, "-v", "1.0.0", "-o", "out"]);
      expect(report).toMatch(/^exit 2\nerror: .* \[OCI_REFERENCE_INVALID\]\nhint: /);
    },
  );

  it("with a tag that does not exist", async () => {
    const args = ["build", "app", `oci://${registry.host}/small`, "-v", "9.9.9"];
    expect(await failureOf(args, { replace: { [registry.host]: "HOST" } })).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot read manifest HOST/small:9.9.9: 404 MANIFEST_UNKNOWN Cannot find manifest small:9.9.9: it does not exist [OCI_MANIFEST_UNKNOWN]
      hint: See which tags there are: tenon mod list oci://HOST/small
      "
    `);
  });

  it("with a repository that does not exist", async () => {
    expect(await pull(registry.host, "none")).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot read manifest HOST/none:1.0.0: 404 NAME_UNKNOWN Cannot find repository none: it does not exist [OCI_NAME_UNKNOWN]
      hint: Check the name of the repository
      "
    `);
  });

  it("of a registry that is down", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    expect(await pull(host, "small")).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot read manifest HOST/small:1.0.0: cannot reach HOST: connection refused [OCI_UNREACHABLE]
      hint: Check the name, that HOST is up, and HTTPS_PROXY and NO_PROXY
      "
    `);
    const push = await failureOf(["mod", "push", "m", `oci://${host}/small`, "-v", "1.0.0"]);
    expect(push).toContain("[OCI_UNREACHABLE]");
  });

  it.each([
    { status: 401, code: "OCI_UNAUTHORIZED" },
    { status: 403, code: "OCI_DENIED" },
  ])("of a repository that answers $status, which is $code", async ({ status, code }) => {
    const body = JSON.stringify({ errors: [{ code: "DENIED", message: "not for you" }] });
    const report = await pullThrough((answer) => {
      answer.status = status;
      answer.headers = {
        "content-type": "application/json",
        "www-authenticate": 'Basic realm="x"',
      };
      answer.body = Buffer.from(body);
    });
    expect(report).toMatch(/^exit 1\n/);
    expect(report).toContain(`[${code}]`);
    expect(report).toMatch(/\nhint: .*login/);
  });
});

describe("tenon mod pull rejects an artifact", () => {
  it("with a blob that is cut off", async () => {
    const report = await pullThrough((answer) => {
      if (!answer.path.includes("/blobs/")) return;
      answer.body = answer.body.subarray(0, 20);
      answer.headers = { ...answer.headers, "content-length": "20" };
    });
    expect(codesOf(report)).toEqual(["OCI_SIZE_MISMATCH"]);
  });

  it("with a blob of another digest", async () => {
    const report = await pullThrough((answer) => {
      if (answer.path.includes("/blobs/")) answer.body = Buffer.alloc(answer.body.length, 1);
    });
    expect(codesOf(report)).toEqual(["OCI_DIGEST_MISMATCH"]);
  });

  it("with a manifest of another digest than was asked for", async () => {
    const report = await pullThrough(
      (answer) => {
        if (!answer.path.includes("/manifests/")) return;
        answer.body = Buffer.from(answer.body.toString("utf8").replace("1.0.0", "6.6.6"));
        answer.headers = { ...answer.headers, "docker-content-digest": digest };
      },
      "-d",
      digest,
    );
    expect(codesOf(report)).toEqual(["OCI_DIGEST_MISMATCH"]);
  });

  it("whose manifest is of another type", async () => {
    const layer = tarArchive([{ name: "a", content: "a" }]);
    const configType = "application/vnd.oci.image.config.v1+json";
    expect(await pullRaw({ layer, configType })).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot use raw-1:1.0.0: unsupported artifact type "application/vnd.oci.image.config.v1+json", must be application/vnd.timoni.config.v1+json [OCI_UNSUPPORTED_MEDIA_TYPE]
      hint: It was not pushed as a module or artifact
      "
    `);
  });

  it("whose layer is no archive", async () => {
    expect(await pullRaw({ layer: Buffer.from("no gzip") })).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot unpack raw-2:1.0.0: archive: incorrect header check [OCI_ARCHIVE_INVALID]
      hint: It is damaged, or no gzipped tar: publish it again
      "
    `);
  });

  const evil: Record<string, TarEntry[]> = {
    "a path that climbs out": [{ name: "../evil", content: "x" }],
    "a path that climbs out in the middle": [{ name: "a/../../evil", content: "x" }],
    "an absolute path": [{ name: "/tmp/evil", content: "x" }],
    "a link that leaves the root": [
      { name: "out", link: { to: "/tmp" } },
      { name: "out/evil", content: "x" },
    ],
    "a hard link that leaves the root": [
      { name: "evil", link: { to: "../../secret", hard: true } },
    ],
  };
  it.each(Object.entries(evil))("with %s", async (_, entries) => {
    const good = { name: "timoni.cue", content: "package main\n" };
    const report = await pullRaw({ layer: tarArchive([good, ...entries]) });
    expect(codesOf(report)).toEqual(["OCI_ARCHIVE_UNSAFE"]);
    expect(report).toMatch(/\nhint: /);
  });

  it("that is a bomb", async () => {
    const layer = tarArchive([{ name: "zeros", content: "\0".repeat(101 * 1024 * 1024) }]);
    expect(layer.length).toBeLessThan(200_000);
    expect(codesOf(await pullRaw({ layer }))).toEqual(["OCI_TOO_LARGE"]);
  });
});

async function pullThrough(
  change: (answer: RegistryAnswer) => void,
  ...more: string[]
): Promise<string> {
  await using proxy = await startLyingProxy(registry.host, change);
  return await pull(proxy.host, "small", ...more);
}

async function pullRaw(artifact: RawArtifact): Promise<string> {
  const repository = `raw-${++count}`;
  await pushRaw(`${registry.host}/${repository}`, artifact);
  return pull(registry.host, repository);
}

function codesOf(report: string): string[] {
  return [...report.matchAll(/\[([A-Z_]+)\]$/gm)].map(([, code]) => code ?? "");
}
