import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type Transport, createTransport, signWithCertificate, verifySignatures } from "@tenon/oci";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type Artifacts, openArtifacts, repository } from "../../support/signed-artifact.ts";
import { type Sigstore, identityToken, startSigstore } from "../../support/sigstore.ts";

const signer = { identity: "https://example.com/ci", issuer: "https://issuer.example.com" };
const token = identityToken(signer);
let foreignCertificate = "";

let sigstore: Sigstore;
let transport: Transport;
let artifacts: Artifacts;
beforeAll(async () => {
  sigstore = await startSigstore();
  const bundle = await sigstore.signStatement({}, signer);
  const { rawBytes } = bundle.verificationMaterial.certificate;
  foreignCertificate = `-----BEGIN CERTIFICATE-----\n${rawBytes}\n-----END CERTIFICATE-----\n`;
  transport = createTransport({
    connections: 1,
    insecure: false,
    ca: undefined,
    env: {},
    userAgent: "test",
    idleTimeout: 5_000,
  });
});
afterAll(() => transport?.close());
beforeEach(async () => {
  artifacts = await openArtifacts();
});

function sign(fulcioUrl: string, rekorUrl: string, identity = token) {
  const { registry, subject } = artifacts;
  const options = { fulcioUrl, rekorUrl, identityToken: identity, transport };
  return signWithCertificate(registry, repository, subject, options);
}

async function referrers(): Promise<number> {
  const { registry, subject } = artifacts;
  const listed = [];
  for await (const { digest } of registry.listReferrers(repository, subject.digest)) {
    listed.push(digest);
  }
  return listed.length;
}

describe("signWithCertificate()", () => {
  it("makes a signature of the token's identity", async () => {
    await using server = await sigstore.serve();
    await sign(server.url, `${server.url}/`);
    const { registry, subject } = artifacts;
    const trusted = { kind: "identity", ...signer, trustedRoot: sigstore.trustedRoot() } as const;
    const { verified } = await verifySignatures(registry, repository, subject.digest, [trusted]);
    expect(verified).toHaveLength(1);
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    [
      "refuses",
      (request, response) => response.writeHead(403).end(request.headers.authorization),
      "it answered 403 Bearer ***",
    ],
    ["answers no JSON", (_request, response) => response.end("<html>"), "its answer is not JSON"],
    [
      "answers without end",
      (_request, response) => response.end("x".repeat(2 ** 21)),
      "more than 1048576 bytes",
    ],
    [
      "sends the token elsewhere",
      (_request, response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
      "a redirect of credentials to another host",
    ],
    [
      "answers something else",
      (_request, response) => response.end("{}"),
      "its answer has no certificate",
    ],
    [
      "certifies another key",
      (_request, response) => {
        const certificates = [foreignCertificate];
        response.end(JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates } } }));
      },
      "its certificate is for another key",
    ],
  ])("attaches nothing where the authority %s", async (_name, answer, reason) => {
    const server = createServer((request, response) => {
      request.resume().on("end", () => answer(request, response));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const failed: unknown = await sign(url, url).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({
      code: "OCI_SIGNING_FAILED",
      message: expect.stringContaining(reason) as unknown,
    });
    expect(String(failed)).not.toContain(token);
    expect(await referrers()).toBe(0);
    server.closeAllConnections();
    server.close();
  });

  it("attaches nothing where the log does not take the signature, or nobody answers", async () => {
    await using server = await sigstore.serve();
    for (const [fulcio, rekor] of [
      [server.url, "http://127.0.0.1:1"],
      ["http://127.0.0.1:1", server.url],
    ] as const) {
      await expect(sign(fulcio, rekor)).rejects.toMatchObject({ code: "OCI_SIGNING_FAILED" });
    }
    expect(await referrers()).toBe(0);
  });

  it("takes nothing for a token but one that names somebody", async () => {
    for (const text of ["", "a.b.c", `a.${Buffer.from("{}").toString("base64url")}.c`, "a.e30"]) {
      await expect(sign("http://127.0.0.1:1", "http://127.0.0.1:1", text)).rejects.toMatchObject({
        code: "OCI_KEY_INVALID",
      });
    }
  });
});
