import { type KeyObject, generateKeyPairSync } from "node:crypto";

import { type Digest, digestHex } from "@tenon/core";
import {
  type Descriptor,
  type RegistryClient,
  attachFile,
  createRegistryClient,
  parseManifest,
  readLayer,
  signArtifact,
} from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { fixture } from "../support/repo.ts";
import { sharedCluster } from "../support/shared-cluster.ts";
import { type Sigstore, startSigstore } from "../support/sigstore.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER");
const keys = { release: keyPair(), security: keyPair(), stranger: keyPair() };

let registry: TestRegistry;
let client: RegistryClient;
let dir: TempDir;

beforeAll(async () => {
  dir = await tempDir();
  registry = await startEmbeddedRegistry();
  client = createRegistryClient({ host: registry.host });
  for (const [name, { publicKey }] of Object.entries(keys)) {
    await dir.write({
      [`keys/${name}.pub`]: publicKey.export({ format: "pem", type: "spki" }).toString(),
    });
  }
});
afterAll(async () => {
  await client?.close();
  await registry?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

describe("a trust policy", () => {
  it("accepts what enough of its signers have signed", async () => {
    const module = await pushModule("threshold");
    const policy = await policyFor("threshold", {
      keys: ["release.pub", "security.pub"],
      threshold: 2,
    });
    expect(await trustOf("threshold", policy)).toMatchObject({
      code: 1,
      trusted: false,
      reason: "it is not signed",
      signatures: [],
    });
    await sign("threshold", module, keys.stranger);
    expect(await trustOf("threshold", policy)).toMatchObject({
      code: 1,
      reason: "none of its 1 signature(s) is by a trusted signer",
      signatures: [{ format: "bundle" }],
    });
    await sign("threshold", module, keys.release);
    await sign("threshold", module, keys.release, "legacy");
    expect(await trustOf("threshold", policy)).toMatchObject({
      code: 1,
      reason: "1 of its signers signed it, and 2 are needed",
    });
    await sign("threshold", module, keys.security, "legacy");
    const explained = await trustOf("threshold", policy);
    expect(explained).toMatchObject({ code: 0, trusted: true, policy });
    expect(explained).toMatchObject({ rule: { file: policy, line: 2, threshold: 2 } });
    const signers = explained.signatures.map(({ signer = "nobody" }) => signer);
    expect(signers.toSorted()).toEqual([
      "keys/release.pub",
      "keys/release.pub",
      "keys/security.pub",
      "nobody",
    ]);
    expect(await pull("threshold", policy)).toMatchObject({ code: 0 });
  });

  it("tells what was found, where it is written, and what to do", async () => {
    const module = await pushModule("told");
    await sign("told", module, keys.stranger);
    const policy = await policyFor("told", { keys: ["release.pub"] });
    const { code, stderr } = await pull("told", policy);
    expect(code).toBe(1);
    const report = stderr
      .replaceAll(registry.host, "HOST")
      .replaceAll(dir.path, "DIR")
      .replaceAll(/sha256:[0-9a-f]+/g, "DIGEST")
      .replaceAll(/worth nothing: .*/g, "worth nothing: REASON");
    expect(report).toMatchInlineSnapshot(`
      "error: Cannot trust oci://HOST/told:1.0.0@DIGEST: none of its 1 signature(s) is by a trusted signer [DEPLOY_UNTRUSTED]
      DIR/told.yaml:2:5: this rule decided: HOST/told needs 1 of keys/release.pub (oci://HOST/told:1.0.0@DIGEST)
          2 |   - prefix: HOST/told
            |     ^
      signature DIGEST is worth nothing: REASON
      hint: Sign it: tenon artifact sign oci://HOST/told:1.0.0@DIGEST --key FILE; look closer: tenon trust explain oci://HOST/told:1.0.0@DIGEST
      "
    `);
  });

  it("denies what no rule is for, and what a rule denies", async () => {
    await pushModule("other/app");
    const rules = `rules:
  - prefix: "*"
    allow: true
  - prefix: ${registry.host}/other
    deny: true
  - prefix: ${registry.host}/other/app-2
    allow: true
`;
    const denying = await dir.write({ "deny.yaml": rules });
    expect((await pull("other/app", denying)).stderr).toContain("the trust policy denies it");
    const silent = await dir.write({ "silent.yaml": "rules: []\n" });
    expect((await pull("other/app", silent)).stderr).toContain("no rule of the trust policy");
  });

  it("is not taken in by a signature of other content", async () => {
    const signed = await pushModule("tampered");
    const { digest } = await sign("tampered", signed, keys.release);
    const bundle = await bundleOf("tampered", digest);
    const other = await pushModule("tampered", "2.0.0", ["-a", "other=content"]);
    await attachBundle("tampered", other, bundle);
    const policy = await policyFor("tampered", { keys: ["release.pub"] });
    expect(await trustOf("tampered", policy)).toMatchObject({ trusted: true });
    expect(await trustOf("tampered:2.0.0", policy)).toMatchObject({ code: 1, trusted: false });
    const altered = await pushModule("tampered", "3.0.0", ["-a", "third=content"]);
    const { digest: own } = await sign("tampered", altered, keys.stranger);
    await attachBundle("tampered", altered, withSignature(await bundleOf("tampered", own), bundle));
    expect(await trustOf("tampered:3.0.0", policy)).toMatchObject({ code: 1, trusted: false });
  });

  it("accepts identities with the certificates of its trusted root", async () => {
    const module = await pushModule("keyless");
    const [ours, theirs] = await Promise.all([startSigstore(), startSigstore()]);
    const issuer = "https://accounts.example.com";
    const policy = await dir.write({
      "keyless.yaml": `rules:
  - prefix: ${registry.host}/keyless
    identities:
      - {identityRegexp: "[a-z]+@example.com", issuer: ${issuer}, trustedRoot: root.json}
`,
      "root.json": ours.trustedRoot(),
    });
    const signAs = async (sigstore: Sigstore, identity: string): Promise<void> => {
      const statement = {
        _type: "https://in-toto.io/Statement/v1",
        subject: [{ digest: { sha256: digestHex(module.digest) } }],
        predicateType: "https://sigstore.dev/cosign/sign/v1",
        predicate: {},
      };
      const bundle: unknown = await sigstore.signStatement(statement, { identity, issuer });
      await attachBundle("keyless", module, Buffer.from(JSON.stringify(bundle)));
    };
    expect(await spawnTenon(["trust", "vet", policy])).toMatchObject({ code: 0, stderr: "" });
    await signAs(theirs, "release@example.com");
    await signAs(ours, "release@example.com.evil.example");
    expect(await trustOf("keyless", policy)).toMatchObject({ code: 1, trusted: false });
    await signAs(ours, "release@example.com");
    expect(await trustOf("keyless", policy)).toMatchObject({
      code: 0,
      reason: "1 of 1 signers signed it",
    });

    await dir.write({ "root.json": "{}" });
    for (const args of [["explain", url("keyless:1.0.0"), "--trust-policy"], ["vet"]]) {
      const { code, stderr } = await spawnTenon(["trust", ...args, policy]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/keyless.yaml:2:5: the rule for/)]);
    }
  });

  it("is asked at the new place of what was exported", async () => {
    await sign("carried", await pushModule("carried"), keys.release);
    const carried = await dir.write({
      "carried.cue": `bundle: {
  apiVersion: "v1alpha1", name: "carried"
  instances: app: {module: {url: "${url("carried")}", version: "1.0.0"}, namespace: "carried"}
}\n`,
    });
    await tenon(["bundle", "export", dir.file("carried"), "-f", carried]);
    const importWith = async (key: string) =>
      spawnTenon(["bundle", "import", url("mirror"), dir.file("carried"), "-q"], {
        env: { TENON_TRUST_POLICY: await policyFor("carried", { keys: [key] }) },
      });
    const { code, stderr } = await importWith("security.pub");
    expect([code, stderr]).toEqual([1, expect.stringContaining("[DEPLOY_UNTRUSTED]")]);
    expect(await importWith("release.pub")).toMatchObject({ code: 0 });
  });

  it("is asked about what was vendored, without a registry", async () => {
    const module = await pushModule("vendored");
    await sign("vendored", module, keys.release);
    await sign("vendored", module, keys.security, "legacy");
    const run = async (policy: string, ...args: string[]) =>
      spawnTenon([...args, url("vendored"), "-v", "1.0.0"], {
        cwd: dir.path,
        env: { TENON_TRUST_POLICY: policy },
      });
    const policies = await Promise.all(
      ["release", "security", "stranger"].map((key) =>
        policyFor("vendored", { file: `${key}.yaml`, keys: [`${key}.pub`] }),
      ),
    );
    const [bundle = "", legacy = "", neither = ""] = policies;
    expect(await run(neither, "vendor")).toMatchObject({ code: 1, stdout: "" });
    expect(await run(bundle, "vendor")).toMatchObject({ code: 0 });
    expect(await run(bundle, "build", "web", "--offline")).toMatchObject({ code: 0 });
    expect(await run(legacy, "build", "web", "--offline")).toMatchObject({ code: 0 });
    const refused = await run(neither, "build", "web", "--offline");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("none of its 2 signature(s) is by a trusted signer"),
    ]);
    await pushModule("unsigned");
    await tenon(["vendor", url("unsigned"), "-v", "1.0.0"], { cwd: dir.path });
    const unsigned = ["build", "web", url("unsigned"), "-v", "1.0.0", "--offline"];
    const demanding = await policyFor("unsigned", { keys: ["release.pub"] });
    const { stderr } = await spawnTenon([...unsigned, "--trust-policy", demanding], {
      cwd: dir.path,
    });
    expect(stderr).toContain("it is not signed [DEPLOY_UNTRUSTED]");
  });

  it("is found in the folder above, and by the environment before that", async () => {
    await pushModule("found");
    await dir.write({ "home/shop/deep/a": "", "home/tenon.trust.yaml": "rules: []\n" });
    const allowing = await dir.write({ "allow.yaml": `rules: [{prefix: "*", allow: true}]\n` });
    const explain = (env: Record<string, string> = {}) =>
      spawnTenon(["trust", "explain", url("found:1.0.0")], {
        cwd: dir.file("home/shop/deep"),
        env,
      });
    const { code, stdout } = await explain();
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("policy: " + dir.file("home/tenon")),
    ]);
    expect(await explain({ TENON_TRUST_POLICY: allowing })).toMatchObject({ code: 0 });
  });
});

describe.skipIf(tools.missing)(`a trust policy that denies${tools.reason}`, () => {
  let policy = "";
  let values: Record<string, string> = {};

  beforeAll(async () => {
    await pushModule("refused");
    // What the cache holds has to be refused as well.
    await tenon(["mod", "pull", url("refused"), "-v", "1.0.0", "-o", dir.file("cached")]);
    policy = await policyFor("refused", { keys: ["release.pub"] });
    const bundle = `bundle: {
  apiVersion: "v1alpha1", name: "shop",
  instances: app: {module: {url: "${url("refused")}", version: "1.0.0"}, namespace: "shop"}
}\n`;
    await dir.write({
      "bundle.cue": bundle,
      "tenon.bundle.ts": `export default {
  apiVersion: "v1alpha1", name: "shop",
  instances: { app: { module: { url: "${url("refused")}" }, namespace: "shop" } },
};\n`,
    });
    values = { MODULE: url("refused"), LOCAL: fixture("small"), COPY: url("copied") };
  });

  it.each([
    "mod pull MODULE -v 1.0.0 -o out",
    "mod pull MODULE -v ^1 -o out",
    "artifact pull MODULE:1.0.0 -o out",
    "artifact copy MODULE:1.0.0 COPY",
    "mod show values MODULE",
    "mod show config MODULE",
    "mod show readme MODULE",
    "mod show schema MODULE",
    "mod diff MODULE LOCAL",
    "mod init web --blueprint MODULE",
    "mod push LOCAL MODULE -v 1.0.1 --check-compat",
    "build web MODULE",
    "explain MODULE ConfigMap/settings .data",
    "apply web MODULE -n shop",
    "apply web MODULE -n shop --diff",
    "types",
    "bundle init new -m MODULE",
    "bundle build -f bundle.cue",
    "bundle vet -f bundle.cue",
    "bundle export carried.tar -f bundle.cue",
    "bundle apply -f bundle.cue",
    "bundle apply -f bundle.cue --diff",
    "explain app ConfigMap/settings .data --bundle bundle.cue",
  ])("ends `tenon %s`", async (line) => {
    const args = line
      .split(" ")
      .map((word) => word.replace(/^[A-Z]+/, (name) => values[name] ?? name));
    const { code, stdout, stderr } = await spawnTenon([...args, "--trust-policy", policy], {
      cwd: dir.path,
      env: { KUBECONFIG: sharedCluster().kubeconfig },
    });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("[DEPLOY_UNTRUSTED]");
  });
});

describe("images", () => {
  it("have to be pinned, and signed, where that is demanded", async () => {
    await tenon(["mod", "init", "shop", dir.path]);
    const image = await pushModule("images/web");
    const policy = await policyFor("images", { keys: ["release.pub"] });
    await dir.write({
      "images.cue": `bundle: {
  apiVersion: "v1alpha1", name: "shop"
  instances: web: {
    module: url: "file://shop", namespace: "shop"
    values: image: {repository: "${registry.host}/images/web", tag: "1.0.0", digest: "${image.digest}"}
  }
}\n`,
    });
    const vet = async (demand: string, ...more: string[]): Promise<string> => {
      const args = ["mod", "vet", "shop", "--images", demand, "--trust-policy", policy, ...more];
      const { code, stderr } = await spawnTenon(args, { cwd: dir.path });
      return `${code} ${stderr}`;
    };
    const named = ["--set", `image.repository=${registry.host}/images/web`];
    const pinned = [...named, "--set", `image.digest=${image.digest}`];
    const place = "(Deployment/default/default spec.template.spec.containers[0].image)";

    const loose = await vet("pinned", ...named);
    expect(loose).toContain(`is not pinned by digest ${place}`);
    expect(await vet("pinned", ...pinned)).toMatch(/^0 /);
    const unsigned = await vet("signed", ...pinned);
    expect(unsigned).toMatch(/^2 /);
    expect(unsigned).toContain(`@${image.digest} is not trusted: it is not signed ${place}`);
    const bundle = ["bundle", "vet", "-f", "images.cue", "--images", "signed"];
    const options = { cwd: dir.path, env: { TENON_TRUST_POLICY: policy } };
    const refused = await spawnTenon(bundle, options);
    expect(refused.stderr).toContain(
      "(Deployment/shop/web spec.template.spec.containers[0].image)",
    );

    await sign("images/web", image, keys.release);
    expect(await vet("signed", ...pinned)).toMatch(/^0 /);
    expect(await spawnTenon(bundle, options)).toMatchObject({ code: 0 });
  });
});

describe("tags", () => {
  const state = (): Record<string, string> => ({ TENON_STATE_DIR: dir.file("state") });
  const build = async (reference: string, ...more: string[]) =>
    spawnTenon(["build", "web", url(reference), ...more], { env: state() });

  it("of released versions that move are told once, and not at all where they are immutable", async () => {
    await pushModule("moving");
    expect((await build("moving", "-v", "1.0.0")).stderr).not.toContain("warning");
    const moved = await pushModule("moving", "1.0.0", ["-a", "moved=yes", "--overwrite"]);
    const policy = await dir.write({
      "immutable.yaml": `rules: [{prefix: ${registry.host}, allow: true, tags: immutable}]\n`,
    });
    const refused = await build("moving", "-v", "1.0.0", "--trust-policy", policy);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("[DEPLOY_TAG_MOVED]");
    const warned = await build("moving", "-v", "1.0.0");
    expect(warned).toMatchObject({ code: 0 });
    expect(warned.stderr).toContain(`:1.0.0 was moved: it points to ${moved.digest}`);
    expect((await build("moving", "-v", "1.0.0")).stderr).not.toContain("warning");

    const again = await pushModule("moving", "1.0.0", ["-a", "moved=again", "--overwrite"]);
    const named = ["-v", "1.0.0", "--trust-policy", policy];
    expect(await build("moving", ...named, "-d", again.digest)).toMatchObject({ code: 0 });
    expect(await build("moving", ...named)).toMatchObject({ code: 0 });
  });

  it("that lead back to an older version are told, also in bundles", async () => {
    await pushModule("back", "1.0.0");
    await pushModule("back", "1.1.0");
    const bundle = await dir.write({
      "back.cue": `bundle: {
  apiVersion: "v1alpha1", name: "back"
  instances: app: {module: url: "${url("back")}", namespace: "back"}
}\n`,
    });
    expect((await build("back", "-v", "^1")).stderr).not.toContain("went back");
    expect((await build("back")).stderr).not.toContain("went back");
    await tenon(["artifact", "tag", url("back:1.0.0"), "-t", "latest"]);
    await tenon(["artifact", "delete", url("back:1.1.0"), "--yes"]);
    expect((await build("back", "-v", "^1")).stderr).toContain(
      "^1 is version 1.0.0, and was 1.1.0",
    );
    const { stderr } = await spawnTenon(["bundle", "build", "-f", bundle], { env: state() });
    expect(stderr).toContain("latest is version 1.0.0, and was 1.1.0");
  });
});

interface Explained {
  readonly code: number | null;
  readonly trusted: boolean;
  readonly reason: string;
  readonly policy?: string;
  readonly signatures: readonly { readonly format: string; readonly signer?: string }[];
}

function keyPair(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function url(rest: string): string {
  return `oci://${registry.host}/${rest}`;
}

async function pushModule(
  repository: string,
  version = "1.0.0",
  more: readonly string[] = [],
): Promise<Descriptor> {
  const args = ["mod", "push", fixture("small"), url(repository), "-v", version, "-o", "json"];
  const { digest } = JSON.parse(await tenon([...args, ...more])) as { digest: string };
  return client.resolveManifest(repository, digest);
}

function sign(
  repository: string,
  subject: Descriptor,
  { privateKey: key }: { readonly privateKey: KeyObject },
  format: "bundle" | "legacy" = "bundle",
) {
  return signArtifact(client, repository, subject, { key, format });
}

/** Writes a policy that demands this of a repository. */
async function policyFor(
  repository: string,
  {
    file = `${repository}.yaml`,
    keys: names,
    threshold = 1,
  }: {
    readonly file?: string;
    readonly keys: readonly string[];
    readonly threshold?: number;
  },
): Promise<string> {
  const prefix = `${registry.host}/${repository}`;
  const files = names.map((name) => `keys/${name}`);
  return dir.write({
    [file]: `rules:
  - prefix: ${prefix}
    keys: ${JSON.stringify(files)}
    threshold: ${threshold}
`,
  });
}

async function trustOf(reference: string, policy: string): Promise<Explained> {
  const tagged = reference.includes(":") ? reference : `${reference}:1.0.0`;
  const args = ["trust", "explain", url(tagged), "--trust-policy", policy, "-o", "json"];
  const { code, stdout, stderr } = await spawnTenon(args);
  expect(stderr).toBe("");
  return { code, ...(JSON.parse(stdout) as Omit<Explained, "code">) };
}

function pull(repository: string, policy: string) {
  const output = dir.file("pulled", repository);
  const args = ["mod", "pull", url(repository), "-v", "1.0.0", "-o", output];
  return spawnTenon([...args, "--trust-policy", policy]);
}

/** The sigstore bundle that a manifest carries. */
async function bundleOf(repository: string, digest: Digest): Promise<Buffer> {
  const { bytes } = await client.readManifest(repository, digest);
  const [layer] = parseManifest(bytes).layers;
  return Buffer.from(await readLayer(client, repository, layer!, { maxBytes: 1_000_000 }));
}

function attachBundle(repository: string, subject: Descriptor, content: Uint8Array) {
  const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
  return attachFile(client, repository, subject, { artifactType: mediaType, mediaType, content });
}

interface Bundle {
  readonly dsseEnvelope: { readonly signatures: readonly object[] };
  readonly verificationMaterial: object;
}

/** A bundle with the signature, and the name of the key, of another one. */
function withSignature(bundle: Buffer, other: Buffer): Buffer {
  const { dsseEnvelope, ...rest } = JSON.parse(bundle.toString()) as Bundle;
  const from = JSON.parse(other.toString()) as Bundle;
  const { verificationMaterial } = from;
  const { signatures } = from.dsseEnvelope;
  return Buffer.from(
    JSON.stringify({
      ...rest,
      verificationMaterial,
      dsseEnvelope: { ...dsseEnvelope, signatures },
    }),
  );
}
