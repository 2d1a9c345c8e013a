import {
  type KeyObject,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from "@sigstore/mock";
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const payloadType = "application/vnd.in-toto+json";
const logUrl = "https://rekor.example.com";
const issuerOid = "1.3.6.1.4.1.57264.1.8";
const sha256Oid = "2.16.840.1.101.3.4.2.1";
const entryId = "24296fb24b8ad77a0000000000000000000000000000000000000000000000000000000000000000";
const policyOid = "1.3.6.1.4.1.57264.2";

/** Who signs, and when. */
export interface KeylessOptions {
  readonly identity: string;
  readonly issuer: string;
  /** When the log takes the entry; now by default. A certificate is valid for ten minutes. */
  readonly loggedAt?: Date | undefined;
  /** Proves the time by a timestamp authority in place of a log. */
  readonly timestamped?: boolean | undefined;
}

/** A sigstore bundle as JSON, which tests change. */
// oxlint-disable-next-line no-explicit-any
export type BundleJson = any;

/** An entry as the log's API gives it. */
interface LoggedEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly logID: string;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
  };
}

/** Sigstore's services of a test. */
export interface Sigstore {
  /** The trusted root as JSON text; `without` leaves services out. */
  trustedRoot(without?: readonly ("tlogs" | "ctlogs" | "timestampAuthorities")[]): string;
  /** Signs an in-toto statement with a key that is used once. */
  signStatement(statement: object, options: KeylessOptions): Promise<BundleJson>;
  /** Signs a payload as cosign's older format has it, as annotations of a layer. */
  signPayload(payload: Uint8Array, options: KeylessOptions): Promise<Record<string, string>>;
  /** Answers what clients ask the authority (Fulcio) and the log (Rekor) when they sign. */
  serve(): Promise<SigstoreServer>;
}

/** A server with the APIs of Fulcio and Rekor. */
export interface SigstoreServer extends AsyncDisposable {
  readonly url: string;
  /** Where both are, as the JSON that `cosign sign --signing-config` reads. */
  readonly signingConfig: string;
}

/** An identity token, which the servers of tests take unsigned. */
export function identityToken({ identity, issuer }: KeylessOptions): string {
  const expires = Math.floor(Date.now() / 1000) + 600;
  const claims = { iss: issuer, sub: identity, aud: "sigstore", exp: expires };
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.${Buffer.from("none").toString("base64url")}`;
}

/** Starts an authority, a log of certificates, a log of entries and a timestamp authority. */
export async function startSigstore({ certificateLog = true } = {}): Promise<Sigstore> {
  const keys = { ca: newKeys(), log: newKeys(), tsa: newKeys() };
  const ctlog = await initializeCTLog(keys.ca);
  const ca = await initializeCA(keys.ca, certificateLog ? ctlog : undefined);
  const tsaClock = new Date();
  const tsa = await initializeTSA(keys.tsa, tsaClock);
  const logKey = keys.log.publicKey.export({ format: "der", type: "spki" });

  async function certify(publicKey: KeyObject, { identity, issuer }: KeylessOptions) {
    return ca.issueCertificate({
      publicKey: publicKey.export({ format: "der", type: "spki" }),
      subjectAltName: identity,
      extensions: [{ oid: issuerOid, value: issuer }],
    });
  }
  async function log(entry: object, at = new Date()): Promise<LoggedEntry> {
    const tlog = await initializeTLog(logUrl, keys.log, at);
    const [logged] = Object.values((await tlog.log(entry)) as Record<string, LoggedEntry>);
    if (logged === undefined) throw new Error("nothing was logged");
    return logged;
  }

  return {
    trustedRoot(without = []) {
      const validFor = { start: new Date(Date.now() - 3_600_000), end: undefined };
      const authority = (uri: string, chain: readonly Buffer[]) => ({
        subject: { commonName: "sigstore", organization: "sigstore.mock" },
        uri,
        certChain: { certificates: chain.map((rawBytes) => ({ rawBytes })) },
        validFor,
        operator: "test",
      });
      const logInstance = (baseUrl: string, rawBytes: Buffer) => ({
        baseUrl,
        hashAlgorithm: HashAlgorithm.SHA2_256,
        publicKey: { rawBytes, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
        logId: { keyId: createHash("sha256").update(rawBytes).digest() },
        checkpointKeyId: undefined,
        operator: "test",
      });
      const root = {
        mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        tlogs: [logInstance(logUrl, logKey)],
        certificateAuthorities: [authority("https://fulcio.example.com", [ca.rootCertificate])],
        ctlogs: [logInstance("https://ctfe.example.com", ctlog.publicKey)],
        timestampAuthorities: [
          authority("https://tsa.example.com", [tsa.intCertificate, tsa.rootCertificate]),
        ],
        ...Object.fromEntries(without.map((name) => [name, []])),
      };
      return JSON.stringify(TrustedRoot.toJSON(root));
    },
    async signStatement(statement, options) {
      const { privateKey, publicKey } = newKeys();
      const certificate = await certify(publicKey, options);
      const payload = Buffer.from(JSON.stringify(statement));
      const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.byteLength} `;
      const signature = sign("sha256", Buffer.concat([Buffer.from(head), payload]), privateKey);
      const sig = signature.toString("base64");
      const entry = {
        apiVersion: "0.0.1",
        kind: "dsse",
        spec: {
          envelopeHash: { algorithm: "sha256", value: sha256(payload) },
          payloadHash: { algorithm: "sha256", value: sha256(payload) },
          signatures: [{ signature: sig, verifier: pem(certificate).toString("base64") }],
        },
      };
      return {
        mediaType: bundleType,
        verificationMaterial: {
          certificate: { rawBytes: certificate.toString("base64") },
          tlogEntries: options.timestamped ? [] : [tlogEntry(await log(entry, options.loggedAt))],
          timestampVerificationData: {
            rfc3161Timestamps: options.timestamped
              ? [{ signedTimestamp: await timestamp(signature) }]
              : [],
          },
        },
        dsseEnvelope: { payload: payload.toString("base64"), payloadType, signatures: [{ sig }] },
      };
    },
    async signPayload(payload, options) {
      const { privateKey, publicKey } = newKeys();
      const certificate = pem(await certify(publicKey, options));
      const signature = sign("sha256", payload, privateKey).toString("base64");
      const { body, integratedTime, logIndex, logID, verification } = await log({
        apiVersion: "0.0.1",
        kind: "hashedrekord",
        spec: {
          data: { hash: { algorithm: "sha256", value: sha256(payload) } },
          signature: {
            content: signature,
            publicKey: { content: certificate.toString("base64") },
          },
        },
      });
      return {
        "dev.cosignproject.cosign/signature": signature,
        "dev.sigstore.cosign/certificate": certificate.toString(),
        "dev.sigstore.cosign/bundle": JSON.stringify({
          SignedEntryTimestamp: verification.signedEntryTimestamp,
          Payload: { body, integratedTime, logIndex, logID },
        }),
      };
    },
    async serve() {
      const server = createServer((request, response) => {
        const answer = async (): Promise<void> => {
          const body = JSON.parse(await text(request)) as BundleJson;
          const isLog = request.url === "/api/v1/log/entries";
          const json = isLog
            ? await answerEntry(body)
            : await answerCertificate(body, request.headers.authorization ?? "");
          const headers = { "content-type": "application/json", etag: entryId };
          response.writeHead(isLog ? 201 : 200, headers).end(JSON.stringify(json));
        };
        answer().catch((error: unknown) => response.writeHead(400).end(String(error)));
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const service = {
        url,
        majorApiVersion: 1,
        operator: "test",
        validFor: { start: "2020-01-01T00:00:00Z" },
      };
      return {
        url,
        signingConfig: JSON.stringify({
          mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
          caUrls: [service],
          rekorTlogUrls: [service],
          rekorTlogConfig: { selector: "ANY" },
        }),
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };

  /** What Fulcio answers at `/api/v2/signingCert`. */
  async function answerCertificate(body: BundleJson, authorization: string): Promise<object> {
    const [, claims = ""] = authorization.replace("Bearer ", "").split(".");
    if (authorization.endsWith("!")) throw new Error(`bad token: ${authorization}`);
    const { sub, iss } = JSON.parse(Buffer.from(claims, "base64url").toString()) as BundleJson;
    const { publicKey: named, proofOfPossession } = body.publicKeyRequest;
    const publicKey = createPublicKey(named.content as string);
    const proof = Buffer.from(proofOfPossession as string, "base64");
    if (!verify("sha256", Buffer.from(sub as string), publicKey, proof))
      throw new Error("no proof");
    const certificate = await certify(publicKey, { identity: sub, issuer: iss });
    const certificates = [certificate, ca.rootCertificate].map((each) => pem(each).toString());
    return { signedCertificateEmbeddedSct: { chain: { certificates } } };
  }
  /** What Rekor answers at `/api/v1/log/entries`; of an envelope it logs hashes and signatures. */
  async function answerEntry(proposed: BundleJson): Promise<Record<string, LoggedEntry>> {
    const { apiVersion, kind, spec } = proposed;
    if (kind !== "dsse") return { [entryId]: await log(proposed) };
    const { envelope: text, verifiers } = spec.proposedContent;
    const envelope = JSON.parse(text) as BundleJson;
    const hash = (bytes: Uint8Array): object => ({ algorithm: "sha256", value: sha256(bytes) });
    const logged = {
      envelopeHash: hash(Buffer.from(text as string)),
      payloadHash: hash(Buffer.from(envelope.payload as string, "base64")),
      signatures: [{ signature: envelope.signatures[0].sig, verifier: verifiers[0] }],
    };
    return { [entryId]: await log({ apiVersion, kind, spec: logged }) };
  }

  async function timestamp(signature: Buffer): Promise<string> {
    // Whole seconds, as authorities have them: fractions with a zero at the end are not read.
    tsaClock.setTime(Math.floor(Date.now() / 1000) * 1000);
    const answer = await tsa.timestamp({
      artifactHash: createHash("sha256").update(signature).digest(),
      hashAlgorithmOID: sha256Oid,
      nonce: 1,
      policyOID: policyOid,
      certReq: false,
    });
    return answer.toString("base64");
  }
}

function tlogEntry({ body, integratedTime, logIndex, logID, verification }: LoggedEntry): object {
  const { inclusionProof, signedEntryTimestamp } = verification;
  const { apiVersion, kind } = JSON.parse(Buffer.from(body, "base64").toString()) as Record<
    string,
    string
  >;
  return {
    logIndex: `${logIndex}`,
    logId: { keyId: Buffer.from(logID, "hex").toString("base64") },
    kindVersion: { kind, version: apiVersion },
    integratedTime: `${integratedTime}`,
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: `${inclusionProof.logIndex}`,
      rootHash: Buffer.from(inclusionProof.rootHash, "hex").toString("base64"),
      treeSize: `${inclusionProof.treeSize}`,
      hashes: [],
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: body,
  };
}

function newKeys() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function pem(certificate: Buffer): Buffer {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return Buffer.from(
    ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  );
}
