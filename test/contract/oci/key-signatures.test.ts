import { generateKeyPairSync, sign } from "node:crypto";

import {
  type Registry,
  type SignatureReport,
  type TrustedSigner,
  keyHint,
  parseManifest,
  signArtifact,
  verifySignatures,
} from "@tenon/oci";
import { beforeEach, describe, expect, it } from "vitest";

import {
  type Artifacts,
  openArtifacts,
  payloadAbout,
  repository,
  statementAbout,
} from "../../support/signed-artifact.ts";

const slsa = "https://slsa.dev/provenance/v1";
const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
const second = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const trusted: readonly TrustedSigner[] = [
  { kind: "key", publicKey: key.publicKey },
  { kind: "key", publicKey: second.publicKey },
];

let artifacts: Artifacts;
let registry: Registry;
beforeEach(async () => {
  artifacts = await openArtifacts();
  registry = artifacts.registry;
});

const verify = (of = artifacts.subject, signers = trusted): Promise<SignatureReport> =>
  verifySignatures(registry, repository, of.digest, signers);
const reasons = ({ verified, rejected }: SignatureReport): string[] => {
  expect(verified).toEqual([]);
  return rejected.map(({ reason }) => reason);
};

describe("signArtifact()", () => {
  it("makes signatures that verifySignatures() finds, each for the signer who made it", async () => {
    const { subject } = artifacts;
    const made = [
      await signArtifact(registry, repository, subject, { key: key.privateKey }),
      await signArtifact(registry, repository, subject, { key: second.privateKey }),
      await signArtifact(registry, repository, subject, {
        key: second.privateKey,
        format: "legacy",
      }),
      await signArtifact(registry, repository, subject, { key: key.privateKey, format: "legacy" }),
    ];
    expect(made.map(({ existed }) => existed)).toEqual([false, false, false, false]);
    const { verified, rejected } = await verify();
    expect(rejected).toEqual([]);
    const found = verified.map(({ signer, format }) => `${signer} ${format}`);
    expect(found.slice(0, 2).toSorted()).toEqual(["0 bundle", "1 bundle"]);
    expect(found.slice(2)).toEqual(["1 legacy", "0 legacy"]);
    expect(verified.map(({ digest }) => digest)).toContain(made[0]?.digest);
  });

  it.each(["bundle", "legacy"] as const)("signs once with a key (%s)", async (format) => {
    const { subject } = artifacts;
    const first = await signArtifact(registry, repository, subject, {
      key: key.privateKey,
      format,
    });
    const again = await signArtifact(registry, repository, subject, {
      key: key.privateKey,
      format,
    });
    expect(again).toEqual({ ...first, existed: true });
    expect((await verify()).verified).toHaveLength(1);
  });

  it("signs nothing but the artifact that it is given", async () => {
    await signArtifact(registry, repository, artifacts.subject, { key: key.privateKey });
    expect(await verify(artifacts.other)).toEqual({ verified: [], rejected: [] });
  });
});

describe("verifySignatures() refuses", () => {
  it("what another key signed, in both formats", async () => {
    const { privateKey, publicKey } = stranger;
    for (const format of ["bundle", "legacy"] as const) {
      await signArtifact(registry, repository, artifacts.subject, { key: privateKey, format });
    }
    expect(reasons(await verify())).toEqual([
      `it is of another key, ${keyHint(publicKey)}`,
      "it does not hold: it is of another key, or its content was changed",
    ]);
  });

  it("signatures of another artifact that were moved here", async () => {
    const { other } = artifacts;
    await signArtifact(registry, repository, other, { key: key.privateKey });
    await artifacts.attachBundle(await bundleOf(other.digest));
    const payload = payloadAbout(other);
    const signature = sign("sha256", payload, key.privateKey).toString("base64");
    await artifacts.putLegacy({ payload, annotations: { [signatureKey]: signature } });
    expect(reasons(await verify())).toEqual([
      `it is about ${other.digest}`,
      `it is about ${other.digest}`,
    ]);
  });

  it("content that was changed after it was signed", async () => {
    const { other, subject } = artifacts;
    await signArtifact(registry, repository, other, { key: key.privateKey });
    const bundle = await bundleOf(other.digest);
    bundle.dsseEnvelope.payload = toBase64(statementAbout(subject));
    await artifacts.attachBundle(bundle);
    const signature = sign("sha256", payloadAbout(other), key.privateKey).toString("base64");
    const payload = payloadAbout(subject);
    await artifacts.putLegacy({ payload, annotations: { [signatureKey]: signature } });
    const reason = "it does not hold: it is of another key, or its content was changed";
    const report = await verify(subject, trusted.slice(0, 1));
    expect(reasons(report)).toEqual([reason, reason]);
  });

  it.each<[string, (good: Bundle) => unknown, string]>([
    ["is no JSON", () => "{", "its bundle is not JSON"],
    ["is a list", () => [], "its bundle is not a JSON object"],
    ["is nested without end", () => "[".repeat(100_000), "its bundle is not JSON"],
    [
      "has another media type",
      (b) => ({ ...b, mediaType: "a" }),
      "its bundle has no media type of one",
    ],
    [
      "signs a file",
      (b) => ({ ...b, dsseEnvelope: undefined, messageSignature: {} }),
      "its bundle does not hold an in-toto statement",
    ],
    [
      "has no signature",
      (b) => ({ ...b, dsseEnvelope: { ...b.dsseEnvelope, signatures: [] } }),
      "its bundle has 0 signatures and not one",
    ],
    [
      "has two signatures",
      (b) => ({ ...b, dsseEnvelope: { ...b.dsseEnvelope, signatures: [{}, {}] } }),
      "its bundle has 2 signatures and not one",
    ],
    [
      "has an empty signature",
      (b) => ({ ...b, dsseEnvelope: { ...b.dsseEnvelope, signatures: [{ sig: 7 }] } }),
      "it does not hold: it is of another key, or its content was changed",
    ],
    [
      "has a payload that is no statement",
      (b) => ({ ...b, dsseEnvelope: { ...b.dsseEnvelope, payload: toBase64({ _type: "x" }) } }),
      "its payload is not an in-toto statement",
    ],
    [
      "is about nothing",
      (b) => {
        const statement = { ...statementAbout(artifacts.subject), subject: [null, 7] };
        return { ...b, dsseEnvelope: { ...b.dsseEnvelope, payload: toBase64(statement) } };
      },
      "it is about something else",
    ],
    ["is too large", () => " ".repeat(5 * 1024 * 1024), "cannot use blob"],
  ])("a bundle that %s", async (_name, change, reason) => {
    const { subject } = artifacts;
    const { digest } = await signArtifact(registry, repository, subject, { key: key.privateKey });
    const good = await bundleOf(subject.digest);
    await registry.deleteManifest(repository, digest);
    await artifacts.attachBundle(change(good));
    expect(reasons(await verify())).toEqual([expect.stringContaining(reason)]);
  });

  it.each<[string, object, string]>([
    [
      "is of another type",
      { critical: { type: "atomic" } },
      "its payload is not one of a signature",
    ],
    [
      "has no digest",
      { critical: { type: "cosign container image signature" } },
      "it is about something else",
    ],
  ])("a payload of the older format that %s", async (_name, payload, reason) => {
    await artifacts.putLegacy({ payload: Buffer.from(JSON.stringify(payload)), annotations: {} });
    expect(reasons(await verify())).toEqual([reason]);
  });

  it("what a registry lists without end, and what comes after many", async () => {
    const attached = await artifacts.attachBundle("{}");
    let listed = 0;
    const endless: Registry = {
      ...registry,
      async *listReferrers() {
        for (;;) {
          listed++;
          yield { ...attached, artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json" };
        }
      },
    };
    const { digest } = artifacts.subject;
    const report = await verifySignatures(endless, repository, digest, trusted);
    expect(listed).toBeLessThan(1100);
    expect(report.rejected).toHaveLength(257);
    expect(report.rejected.at(-1)?.reason).toBe(
      "it is not read, nor any after it: there are more than 256",
    );
  });
});

describe("verifySignatures() of attestations", () => {
  it("takes those of the wanted type, and does not take them for signatures", async () => {
    const statement = Buffer.from(JSON.stringify(statementAbout(artifacts.subject, slsa)));
    const head = `DSSEv1 28 application/vnd.in-toto+json ${statement.byteLength} `;
    const signature = sign("sha256", Buffer.concat([Buffer.from(head), statement]), key.privateKey);
    const bundle = {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: "" } },
      dsseEnvelope: {
        payload: statement.toString("base64"),
        payloadType: "application/vnd.in-toto+json",
        signatures: [{ sig: signature.toString("base64") }],
      },
    };
    // An annotation that lies makes no signature of it.
    await artifacts.attachBundle(bundle, {
      "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
    });
    await artifacts.attachBundle(bundle);
    expect(await verify()).toEqual({ verified: [], rejected: [] });
    const { digest } = artifacts.subject;
    const options = { predicateType: slsa };
    const report = await verifySignatures(registry, repository, digest, trusted, options);
    expect(report.verified).toHaveLength(1);
    expect(report.rejected).toEqual([]);
  });
});

interface Bundle {
  dsseEnvelope: { payload: string; [name: string]: unknown };
  [name: string]: unknown;
}

const signatureKey = "dev.cosignproject.cosign/signature";

/** The bundle of the only signature that an artifact has. */
async function bundleOf(digest: Artifacts["subject"]["digest"]): Promise<Bundle> {
  for await (const referrer of registry.listReferrers(repository, digest)) {
    const { bytes } = await registry.readManifest(repository, referrer.digest);
    const [layer] = parseManifest(bytes).layers;
    if (layer === undefined) continue;
    const { stream } = await registry.readBlob(repository, layer);
    return (await new Response(stream).json()) as Bundle;
  }
  throw new Error("it has no signature");
}

function toBase64(json: unknown): string {
  return Buffer.from(JSON.stringify(json)).toString("base64");
}
