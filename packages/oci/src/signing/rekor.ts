import type { Transport } from "../client/transport.ts";
import {
  type ForeignObject,
  base64,
  member,
  parseJson,
  records,
  text,
  hexToBase64,
} from "./foreign-json.ts";
import { failed, postJson } from "./signing-service.ts";

/** What goes into a transparency log. */
export interface LogRequest {
  readonly rekorUrl: string;
  /** The DSSE envelope, as it stands in the bundle. */
  readonly envelope: object;
  /** In PEM. */
  readonly certificate: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts a signed envelope into Rekor's log: https://github.com/sigstore/rekor, `openapi.yaml`, entries of kind `dsse`.
 *
 * @returns the entry as it stands in a sigstore bundle
 * @throws OciError `OCI_SIGNING_FAILED`
 */
export async function logEnvelope(transport: Transport, request: LogRequest): Promise<object> {
  const { rekorUrl, envelope, certificate, signal } = request;
  const json = {
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      proposedContent: {
        envelope: JSON.stringify(envelope),
        verifiers: [Buffer.from(certificate).toString("base64")],
      },
    },
  };
  const url = new URL("api/v1/log/entries", `${rekorUrl.replace(/\/$/, "")}/`);
  const call = { what: "an entry of the transparency log", url, json, signal };
  const [entry] = records(Object.values(await postJson(transport, call)));
  const proof = entry && member(member(entry, "verification"), "inclusionProof");
  if (entry === undefined || text(proof?.["checkpoint"]) === undefined) {
    throw failed(call, "its answer has no entry with a proof");
  }
  return bundleEntry(entry);
}

function bundleEntry(entry: ForeignObject): object {
  const body = text(entry["body"]) ?? "";
  const { kind, apiVersion } = parseJson(base64(body), "the log's entry");
  const verification = member(entry, "verification");
  const proof = member(verification, "inclusionProof");
  const hashes = Array.isArray(proof["hashes"]) ? proof["hashes"] : [];
  return {
    logIndex: String(entry["logIndex"]),
    logId: { keyId: hexToBase64(entry["logID"]) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(entry["integratedTime"]),
    inclusionPromise: { signedEntryTimestamp: verification["signedEntryTimestamp"] },
    inclusionProof: {
      logIndex: String(proof["logIndex"]),
      rootHash: hexToBase64(proof["rootHash"]),
      treeSize: String(proof["treeSize"]),
      hashes: hashes.map(hexToBase64),
      checkpoint: { envelope: proof["checkpoint"] },
    },
    canonicalizedBody: body,
  };
}
