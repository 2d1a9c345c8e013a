import { generateKeyPairSync, sign } from "node:crypto";

import { type SignatureReport, type TrustedSigner, verifySignatures } from "@tenon/oci";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  type Artifacts,
  openArtifacts,
  payloadAbout,
  repository,
  statementAbout,
} from "../../support/signed-artifact.ts";
import { type BundleJson, type Sigstore, startSigstore } from "../../support/sigstore.ts";

const identity = "https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1";
const issuer = "https://token.actions.githubusercontent.com";
const signer = { identity, issuer };

let sigstore: Sigstore;
let artifacts: Artifacts;
beforeAll(async () => {
  sigstore = await startSigstore();
});
beforeEach(async () => {
  artifacts = await openArtifacts();
});

type Demand = Partial<Extract<TrustedSigner, { kind: "identity" }>>;

async function verify(demand: Demand = {}): Promise<SignatureReport> {
  const trustedRoot = sigstore.trustedRoot();
  const trusted: TrustedSigner = { kind: "identity", identity, issuer, trustedRoot, ...demand };
  return verifySignatures(artifacts.registry, repository, artifacts.subject.digest, [trusted]);
}

async function reason(demand?: Demand): Promise<string> {
  const { verified, rejected } = await verify(demand);
  expect(verified).toEqual([]);
  expect(rejected).toHaveLength(1);
  return rejected[0]?.reason ?? "";
}

const signed = (options = {}): Promise<BundleJson> =>
  sigstore.signStatement(statementAbout(artifacts.subject), { ...signer, ...options });

describe("verifySignatures() takes what a certificate's holder signed", () => {
  it("in a bundle", async () => {
    await artifacts.attachBundle(await signed());
    expect((await verify()).verified).toMatchObject([{ signer: 0, format: "bundle" }]);
    const patterns = { identity: /https:\/\/GITHUB\.com\/org\/.*/i, issuer: /https:\/\/token\..*/ };
    expect((await verify(patterns)).verified).toHaveLength(1);
  });

  it("with a timestamp, where the trusted root has no log", async () => {
    await artifacts.attachBundle(await signed({ timestamped: true }));
    const trustedRoot = sigstore.trustedRoot(["tlogs"]);
    expect(await verify({ trustedRoot })).toMatchObject({ verified: [{}], rejected: [] });
    expect(await reason()).toBe(
      "its entry of the transparency log does not hold: expected 1 tlog entries, got 0",
    );
  });

  it("in cosign's older format", async () => {
    const payload = payloadAbout(artifacts.subject);
    const annotations = await sigstore.signPayload(payload, signer);
    await artifacts.putLegacy({ payload, annotations });
    expect((await verify()).verified).toMatchObject([{ signer: 0, format: "legacy" }]);
  });
});

describe("verifySignatures() refuses", () => {
  it.each<[string, Demand, string]>([
    [
      "another identity",
      { identity: "https://example.com/other" },
      `for the identity "${identity}"`,
    ],
    ["a part of the identity", { identity: /github\.com\/org/ }, `for the identity "${identity}"`],
    ["an alternative at its ends", { identity: /https:.*x|y/ }, `for the identity "${identity}"`],
    ["another issuer", { issuer: "https://accounts.example.com" }, `for the issuer "${issuer}"`],
    ["a part of the issuer", { issuer: /https:/ }, `for the issuer "${issuer}"`],
  ])("where %s is wanted", async (_name, demand, expected) => {
    await artifacts.attachBundle(await signed());
    expect(await reason(demand)).toBe(`its certificate is ${expected}`);
  });

  it("a certificate that was expired, or not valid yet, when it was used", async () => {
    const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);
    for (const minutes of [11, -11]) {
      artifacts = await openArtifacts();
      await artifacts.attachBundle(await signed({ loggedAt: inMinutes(minutes) }));
      expect(await reason()).toBe(
        "its certificate is not trusted: certificate is not valid or expired at the specified date",
      );
    }
  });

  it("a certificate of another authority", async () => {
    const foreign = await startSigstore();
    await artifacts.attachBundle(
      await foreign.signStatement(statementAbout(artifacts.subject), signer),
    );
    expect(await reason()).toBe("its certificate is not trusted: no valid certificate path found");
  });

  it("a certificate that is in no log of certificates", async () => {
    const unlogged = await startSigstore({ certificateLog: false });
    const statement = statementAbout(artifacts.subject);
    await artifacts.attachBundle(await unlogged.signStatement(statement, signer));
    const trustedRoot = unlogged.trustedRoot();
    expect(await reason({ trustedRoot })).toBe(
      "its certificate is not trusted: expected 1 SCTs, got 0",
    );
    const withoutLog = unlogged.trustedRoot(["ctlogs"]);
    expect((await verify({ trustedRoot: withoutLog })).verified).toHaveLength(1);
  });

  it.each<[string, (bundle: BundleJson, other: BundleJson) => void, string]>([
    [
      "content that was changed",
      ({ dsseEnvelope }) => {
        const statement = { ...statementAbout(artifacts.subject), predicate: { more: true } };
        dsseEnvelope.payload = Buffer.from(JSON.stringify(statement)).toString("base64");
      },
      "its entry of the transparency log does not hold: DSSE payload hash mismatch",
    ],
    [
      "a signature by somebody else",
      ({ dsseEnvelope }, other) => {
        dsseEnvelope.signatures = other.dsseEnvelope.signatures;
      },
      "its entry of the transparency log does not hold: tlog entry signature mismatch",
    ],
    [
      "an entry of another signature",
      ({ verificationMaterial }, other) => {
        verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
      },
      "its entry of the transparency log does not hold: tlog entry signature mismatch",
    ],
    [
      "a certificate of another signature",
      ({ verificationMaterial }, other) => {
        verificationMaterial.certificate = other.verificationMaterial.certificate;
      },
      "the holder of its certificate did not make it for this content: signature verification failed",
    ],
    [
      "no entry of a log",
      ({ verificationMaterial }) => {
        verificationMaterial.tlogEntries = [];
      },
      "its time is not proven: expected 1 timestamps, got 0",
    ],
    [
      "an entry with another time",
      ({ verificationMaterial: { tlogEntries } }) => {
        tlogEntries[0].integratedTime = `${Number(tlogEntries[0].integratedTime) + 1}`;
      },
      "its entry of the transparency log does not hold: inclusion promise could not be verified",
    ],
    [
      "an entry without a promise, whose time nobody proves",
      ({ verificationMaterial: { tlogEntries } }) => {
        delete tlogEntries[0].inclusionPromise;
      },
      "its time is not proven: expected 1 timestamps, got 0",
    ],
    [
      "an entry with the proof of another",
      ({ verificationMaterial: { tlogEntries } }, other) => {
        tlogEntries[0].inclusionProof = other.verificationMaterial.tlogEntries[0].inclusionProof;
      },
      "its entry of the transparency log does not hold: calculated root hash does not match inclusion proof",
    ],
    [
      "a checkpoint that was changed",
      ({ verificationMaterial: { tlogEntries } }) => {
        const { checkpoint } = tlogEntries[0].inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace("\n1\n", "\n2\n");
      },
      "its entry of the transparency log does not hold: invalid checkpoint signature",
    ],
    [
      "a log whose name is a slow pattern",
      ({ verificationMaterial: { tlogEntries } }) => {
        const { checkpoint } = tlogEntries[0].inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace(
          /\u2014 \S+/,
          "\u2014 (.*)*(.*)*(.*)*(.*)*(.*)*$x",
        );
      },
      'its transparency log has the name "(.*)*(.*)*(.*)*(.*)*(.*)*$x"',
    ],
    [
      "a certificate that is none",
      ({ verificationMaterial }) => {
        verificationMaterial.certificate.rawBytes = "AAAA";
      },
      "it cannot be read: ",
    ],
    [
      "a chain of certificates",
      ({ verificationMaterial: material }) => {
        material.x509CertificateChain = { certificates: [material.certificate] };
        delete material.certificate;
      },
      "it cannot be read: invalid bundle",
    ],
  ])("%s", async (_name, change, expected) => {
    const bundle = await signed();
    change(bundle, await signed());
    await artifacts.attachBundle(bundle);
    expect(await reason()).toContain(expected);
  });

  it("a certificate that issued itself", async () => {
    const bundle = await signed();
    const root = JSON.parse(sigstore.trustedRoot()) as BundleJson;
    const [{ rawBytes }] = root.certificateAuthorities[0].certChain.certificates;
    bundle.verificationMaterial.certificate.rawBytes = rawBytes;
    await artifacts.attachBundle(bundle);
    expect(await reason()).toBe("its certificate is not trusted: it issued itself");
  });

  it("what was signed with a key alone", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const payload = payloadAbout(artifacts.subject);
    const signature = sign("sha256", payload, privateKey).toString("base64");
    const annotations = { "dev.cosignproject.cosign/signature": signature };
    await artifacts.putLegacy({ payload, annotations });
    expect(await reason()).toBe("it has no certificate");
  });

  it("annotations of the older format that were changed", async () => {
    const { subject, other } = artifacts;
    const payload = payloadAbout(subject);
    const good = await sigstore.signPayload(payload, signer);
    const foreign = await sigstore.signPayload(payloadAbout(other), signer);
    const changed: [Record<string, string>, string][] = [
      [foreign, "its entry of the transparency log does not hold: digest mismatch"],
      [{ ...good, "dev.sigstore.cosign/bundle": "{}" }, "its log entry is not JSON"],
      [{ ...good, "dev.sigstore.cosign/certificate": "none" }, "its certificate is not in PEM"],
      [
        { ...good, "dev.sigstore.cosign/bundle": foreign["dev.sigstore.cosign/bundle"] ?? "" },
        "its entry of the transparency log does not hold: signature mismatch",
      ],
    ];
    for (const [annotations, expected] of changed) {
      artifacts = await openArtifacts();
      await artifacts.putLegacy({ payload, annotations });
      expect(await reason()).toBe(expected);
    }
  });

  it("a trusted root that is none", async () => {
    for (const trustedRoot of ["", "{}", "[]", '{"mediaType":7}', "null"]) {
      await expect(verify({ trustedRoot })).rejects.toMatchObject({
        code: "OCI_TRUSTED_ROOT_INVALID",
      });
    }
  });
});

it("verifySignatures() fails at no bundle, and takes none with another statement, signature or signer", async () => {
  const good = JSON.stringify(await signed());
  const values = [...good.matchAll(/(?<=:)"[^"]*"|(?<=[:[])\{/g)];
  const proof = (text: string): (Buffer | undefined)[] => {
    const { dsseEnvelope, verificationMaterial } = JSON.parse(text) as BundleJson;
    const parts = [
      dsseEnvelope.payload,
      dsseEnvelope.signatures[0].sig,
      verificationMaterial.certificate.rawBytes,
    ];
    return parts.map((part: string) => Buffer.from(part, "base64"));
  };
  const other = fc.oneof(
    fc.constantFrom("null", "[]", "7", "1e999", '"-1"', '"AAAA"', '{"a":'),
    fc.string().map((text) => JSON.stringify(text)),
    fc.base64String().map((text) => JSON.stringify(text)),
  );
  const change = async (index: number, replacement: string): Promise<void> => {
    artifacts = await openArtifacts();
    const { index: start = 0, 0: text = "" } = values[index] ?? {};
    const changed = good.slice(0, start) + replacement + good.slice(start + text.length);
    await artifacts.attachBundle(changed);
    const { verified } = await verify();
    if (verified.length > 0) expect(proof(changed)).toEqual(proof(good));
  };
  await fc.assert(fc.asyncProperty(fc.nat(values.length - 1), other, change), { numRuns: 300 });
});
