import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { access, cp, readFile } from "node:fs/promises";

import {
  type Descriptor,
  type SignatureFormat,
  attachFile,
  createRegistryClient,
  parseHost,
  readPrivateKey,
  readPublicKey,
  signArtifact,
  verifySignatures,
} from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { cosign, keyPassword, unlogged } from "../support/cosign.ts";
import { readTree } from "../support/read-tree.ts";
import {
  type TestRegistry,
  startDockerRegistry,
  startEmbeddedRegistry,
} from "../support/registries.ts";
import { repoPath } from "../support/repo.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { pushSmallArtifact, statementAbout } from "../support/signed-artifact.ts";
import { identityToken, startSigstore } from "../support/sigstore.ts";
import { tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const registries = [
  {
    name: "docker-registry",
    tools: needs("TENON_TEST_DOCKER_REGISTRY", "TENON_TEST_COSIGN"),
    start: startDockerRegistry,
  },
  {
    name: "tenon registry serve",
    tools: needs("TENON_TEST_COSIGN"),
    start: startEmbeddedRegistry,
  },
];
const formats: readonly { format: SignatureFormat; flags: readonly string[] }[] = [
  { format: "bundle", flags: [] },
  { format: "legacy", flags: ["--new-bundle-format=false"] },
];
const keys = {
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  edwards: generateKeyPairSync("ed25519"),
  stranger: generateKeyPairSync("ec", { namedCurve: "P-256" }),
};
const offline = "--insecure-ignore-tlog";

/** Opens a registry, and a folder with keys in which cosign and tenon run. */
async function openWorkplace(start: () => Promise<TestRegistry>) {
  const [dir, registry] = [await tempDir(), await start()];
  const client = createRegistryClient({ host: parseHost(registry.host) });
  const readText = (file: string): Promise<string> => readFile(dir.file(file), "utf8");
  const tenon = (...args: string[]): Promise<ProcessResult> =>
    spawnTenon(args, { cwd: dir.path, env: { TENON_KEY_PASSWORD: keyPassword } });
  const runCosign = (...args: string[]): Promise<ProcessResult> => cosign(args, dir.path);
  await ok(tenon("artifact", "keygen", "-o", "tenon"));
  await ok(runCosign("generate-key-pair"));
  for (const [name, { privateKey, publicKey }] of Object.entries(keys)) {
    await dir.write({
      [`${name}.pem`]: privateKey.export({ format: "pem", type: "pkcs8" }),
      [`${name}.pub`]: publicKey.export({ format: "pem", type: "spki" }),
    });
  }
  return {
    dir,
    client,
    tenon,
    cosign: runCosign,
    host: registry.host,
    nameOf: (repository: string, { digest }: Descriptor): string =>
      `${registry.host}/${repository}@${digest}`,
    privateKey: async (file: string): Promise<KeyObject> =>
      readPrivateKey(await readText(file), () => Promise.resolve(keyPassword)),
    signer: async (file: string) =>
      ({ kind: "key", publicKey: readPublicKey(await readText(file)) }) as const,
    async [Symbol.asyncDispose]() {
      await client.close();
      await registry[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

for (const { name, tools, start } of registries) {
  describe.skipIf(tools.missing)(`signatures with ${name}${tools.reason}`, () => {
    let place: Awaited<ReturnType<typeof openWorkplace>>;
    beforeAll(async () => {
      place = await openWorkplace(start);
      const prefix = ["--output-key-prefix", "edwards", "--yes"];
      await ok(place.cosign("import-key-pair", "--key", "edwards.pem", ...prefix));
    });
    afterAll(() => place?.[Symbol.asyncDispose]());

    it.each(formats)("that one makes the other verifies, as $format", async ({ format, flags }) => {
      const { client, host, nameOf } = place;
      const repository = `interop/${format}`;
      const options = { format, name: `${host}/${repository}` };
      const first = await pushSmallArtifact(client, repository, { name: "first" });
      for (const key of ["cosign.key", "edwards.key"]) {
        await ok(
          place.cosign("sign", ...unlogged, "--key", key, ...flags, nameOf(repository, first)),
        );
      }
      // What a key of cosign has signed is not signed with it again.
      const second = await pushSmallArtifact(client, repository, { name: "second" });
      for (const [subject, file] of [
        [first, "tenon.key"],
        [first, "p384.pem"],
        [second, "cosign.key"],
        [second, "edwards.key"],
      ] as const) {
        const key = await place.privateKey(file);
        const signature = await signArtifact(client, repository, subject, { ...options, key });
        expect(signature).toMatchObject({ format, existed: false });
      }
      for (const [subject, key] of [
        [first, "cosign.pub"],
        [first, "tenon.pub"],
        [first, "p384.pub"],
        [second, "cosign.pub"],
        [second, "edwards.pub"],
      ] as const) {
        const artifact = nameOf(repository, subject);
        await ok(place.cosign("verify", offline, "--key", key, ...flags, artifact));
      }
      const strange = ["--key", "stranger.pub", ...flags, nameOf(repository, first)];
      await refused(place.cosign("verify", offline, ...strange));
      const files = ["stranger.pub", "cosign.pub", "edwards.pub", "tenon.pub", "p384.pub"];
      const signers = await Promise.all(files.map(place.signer));
      const report = await verifySignatures(client, repository, first.digest, signers);
      const found = new Set(report.verified.map(({ signer }) => files[signer]));
      expect(found).toEqual(new Set(files.slice(1)));
      expect(report.rejected).toEqual([]);
    });

    it("are of a digest: a tag that moves to other content has none", async () => {
      const { dir, host, tenon } = place;
      await dir.write({ "files/a.txt": "a", "other/a.txt": "b" });
      const url = `oci://${host}/moved`;
      const push = ["artifact", "push", url, "-t", "1"];
      await ok(tenon(...push, "-f", "files", "--sign", "cosign", "--cosign-key", "tenon.key"));
      await ok(place.cosign("verify", offline, "--key", "tenon.pub", `${host}/moved:1`));
      const signed = await ok(tenon("artifact", "sign", `${url}:1`, "--key", "tenon.key"));
      expect(signed).toContain("was there before");
      const pull = ["artifact", "pull", `${url}:1`, "--verify", "cosign", "--cosign-key"];
      await ok(tenon(...pull, "tenon.pub", "-o", "out"));
      const stranger = await refused(tenon(...pull, "stranger.pub", "-o", "strange"));
      expect(stranger).toContain("[DEPLOY_SIGNATURE_REJECTED]");
      await ok(tenon(...push, "-f", "other"));
      const moved = await refused(tenon(...pull, "tenon.pub", "-o", "moved"));
      expect(moved).toContain("[DEPLOY_SIGNATURE_MISSING]");
      for (const out of ["strange", "moved"]) {
        await expect(access(dir.file(out))).rejects.toThrow("ENOENT");
      }
    });
  });
}

const alone = needs("TENON_TEST_COSIGN");

describe.skipIf(alone.missing)(`what cosign verifies tenon verifies${alone.reason}`, () => {
  let place: Awaited<ReturnType<typeof openWorkplace>>;
  beforeAll(async () => {
    place = await openWorkplace(startEmbeddedRegistry);
  });
  afterAll(() => place?.[Symbol.asyncDispose]());

  it("attestations, by their type", async () => {
    const { client, dir, host, nameOf, tenon } = place;
    const subject = await pushSmallArtifact(client, "attested", { tags: ["1"] });
    await dir.write({ "predicate.json": '{"builder":"test"}' });
    const type = "https://example.com/review/v1";
    const attest = ["attest", ...unlogged, "--key", "cosign.key", "--predicate", "predicate.json"];
    await ok(place.cosign(...attest, "--type", type, nameOf("attested", subject)));
    const verify = (...flags: string[]): Promise<ProcessResult> =>
      tenon("artifact", "verify", `oci://${host}/attested:1`, "--key", ...flags);
    expect(await ok(verify("cosign.pub", "--type", type))).toContain(subject.digest);
    await refused(verify("tenon.pub", "--type", type));
    const unsigned = await refused(verify("cosign.pub"));
    expect(unsigned).toContain("it has no signature [DEPLOY_SIGNATURE_MISSING]");
  });

  it.each(formats)("signatures with certificates that cosign makes, as $format", async (each) => {
    const { client, dir, host, nameOf, tenon } = place;
    const repository = `certified/${each.format}`;
    const subject = await pushSmallArtifact(client, repository, { tags: ["1"] });
    const signer = { identity: "https://example.com/ci", issuer: "https://issuer.example.com" };
    const sigstore = await startSigstore();
    await using server = await sigstore.serve();
    await dir.write({
      "root.json": sigstore.trustedRoot(),
      "signing.json": server.signingConfig,
      token: identityToken(signer),
    });
    // Cosign takes no signing config for its older format.
    const services =
      each.format === "bundle"
        ? ["--signing-config", "signing.json"]
        : ["--use-signing-config=false", "--fulcio-url", server.url, "--rekor-url", server.url];
    const identify = ["--trusted-root", "root.json", "--identity-token", "token"];
    const artifact = nameOf(repository, subject);
    await ok(place.cosign("sign", ...services, ...identify, ...each.flags, artifact));
    const verify = (identity: string): Promise<ProcessResult> => {
      const who = ["--certificate-identity", identity, "--certificate-oidc-issuer", signer.issuer];
      const url = `oci://${host}/${repository}:1`;
      return tenon("artifact", "verify", url, "--trusted-root", "root.json", ...who);
    };
    expect(await ok(verify(signer.identity))).toContain(`(${each.format})`);
    expect(await refused(verify("https://example.com/"))).toContain(`"${signer.identity}"`);
  });

  it("signatures with certificates that tenon makes", async () => {
    const { client, dir, host, tenon } = place;
    await pushSmallArtifact(client, "certified/tenon", { tags: ["1"] });
    const signer = { identity: "https://example.com/ci", issuer: "https://issuer.example.com" };
    const sigstore = await startSigstore();
    await using server = await sigstore.serve();
    const token = identityToken(signer);
    await dir.write({ "root.json": sigstore.trustedRoot(), token, "bad-token": `${token}!` });
    const image = `${host}/certified/tenon:1`;
    const services = ["--fulcio-url", server.url, "--rekor-url", server.url];
    const sign = ["artifact", "sign", `oci://${image}`, ...services, "--identity-token"];
    await ok(tenon(...sign, "token"));
    const who = ["--certificate-identity", signer.identity];
    const flags = [
      "--trusted-root",
      "root.json",
      ...who,
      "--certificate-oidc-issuer",
      signer.issuer,
    ];
    await ok(place.cosign("verify", ...flags, image));
    await ok(tenon("artifact", "verify", `oci://${image}`, ...flags));
    for (const file of ["root.json", "bad-token"]) {
      const failed = await refused(tenon(...sign, file));
      expect(failed).toMatch(/\[OCI_(KEY_INVALID|SIGNING_FAILED)\]/);
      expect(failed).not.toContain(token);
    }
  });

  it("signatures with certificates", async () => {
    const { client, dir, host, tenon } = place;
    const subject = await pushSmallArtifact(client, "keyless", { tags: ["1"] });
    const identity = "https://example.com/release";
    const issuer = "https://issuer.example.com";
    const [sigstore, foreign] = [await startSigstore(), await startSigstore()];
    const bundle = await sigstore.signStatement(statementAbout(subject), { identity, issuer });
    const { mediaType } = bundle as { mediaType: string };
    const content = Buffer.from(JSON.stringify(bundle));
    await attachFile(client, "keyless", subject, { artifactType: mediaType, mediaType, content });
    await dir.write({
      "root.json": sigstore.trustedRoot(),
      "foreign.json": foreign.trustedRoot(),
    });
    const verify = (root: string, who: string): Promise<ProcessResult>[] => {
      const flags = ["--trusted-root", root, "--certificate-identity", who];
      const all = [...flags, "--certificate-oidc-issuer", issuer];
      const image = `${host}/keyless:1`;
      return [
        tenon("artifact", "verify", `oci://${image}`, ...all),
        place.cosign("verify", ...all, image),
      ];
    };
    for (const run of verify("root.json", identity)) await ok(run);
    for (const run of verify("root.json", "https://example.com/other")) await refused(run);
    for (const run of verify("foreign.json", identity)) await refused(run);
  });
});

describe("tenon mod push --sign", () => {
  it("signs a module, and tenon mod pull --verify takes nothing else", async () => {
    await using dir = await tempDir();
    await using registry = await startEmbeddedRegistry();
    const tenon = (...args: string[]): Promise<ProcessResult> =>
      spawnTenon(args, { cwd: dir.path, env: { COSIGN_PASSWORD: "" } });
    await cp(repoPath("modules/app"), dir.file("app"), { recursive: true });
    await ok(tenon("artifact", "keygen"));
    const url = `oci://${registry.host}/app`;
    const push = ["mod", "push", "app", url, "-o", "json"];
    const sign = ["--sign", "cosign", "--cosign-key", "signing.key"];
    const pushed = JSON.parse(await ok(tenon(...push, "-v", "1.0.0", ...sign))) as object;
    expect(pushed).toMatchObject({ signature: expect.stringMatching(/^sha256:/) as unknown });
    await dir.write({ "app/NOTES.md": "unsigned" });
    await ok(tenon(...push, "-v", "1.1.0"));
    const pull = ["mod", "pull", url, "--verify", "cosign", "--cosign-key", "signing.pub", "-o"];
    await ok(tenon(...pull, "out", "-v", "1.0.0"));
    expect(Object.keys(await readTree(dir.file("out")))).toContain("timoni.cue");
    expect(await refused(tenon(...pull, "latest"))).toContain("[DEPLOY_SIGNATURE_MISSING]");
    await expect(access(dir.file("latest"))).rejects.toThrow("ENOENT");
  });
});

async function ok(run: Promise<ProcessResult>): Promise<string> {
  const { code, stdout, stderr } = await run;
  expect(code, stderr).toBe(0);
  return stdout;
}

async function refused(run: Promise<ProcessResult>): Promise<string> {
  const { code, stdout, stderr } = await run;
  expect(code, stdout).toBeGreaterThan(0);
  return stderr;
}
