import { randomBytes } from "node:crypto";

import { sha256 } from "@tenon/core";
import { expect } from "vitest";

import { type Requirement, section } from "./requirement.ts";
import { type Answer, type Wire, endUpload, sendChunk, startUpload } from "./wire.ts";

const support = section("Determining Support", [
  {
    level: "MUST",
    text: "GET of /v2/ answers 200",
    async check(wire) {
      expect((await wire.send("GET", "/v2/")).status).toBe(200);
    },
  },
]);

const errors = section("Error Codes", [
  {
    level: "MUST",
    text: "a JSON body of a 4XX answer has a list of errors with codes of the specification",
    async check(wire) {
      for (const answer of await refusals(wire)) {
        const isJson = /json/.test(answer.headers["content-type"] ?? "");
        if (answer.status < 400 || answer.status >= 500 || !isJson) continue;
        const { errors: list } = answer.json() as { errors: { code: string }[] };
        expect(list.length).toBeGreaterThan(0);
        for (const { code } of list) expect(codes).toContain(code);
      }
    },
  },
  {
    level: "SHOULD",
    text: "a refusal says in its code what was wrong",
    async check(wire) {
      const answers = await refusals(wire);
      const found = answers.map(({ body }) => /"code":\s*"(\w+)"/.exec(body.toString())?.[1]);
      expect(found).toEqual([
        "MANIFEST_UNKNOWN",
        "NAME_UNKNOWN",
        "BLOB_UNKNOWN",
        "NAME_INVALID",
        "BLOB_UPLOAD_UNKNOWN",
        "DIGEST_INVALID",
        "BLOB_UPLOAD_INVALID",
        "MANIFEST_INVALID",
        "UNSUPPORTED",
      ]);
    },
  },
]);

/** What the specification demands of all of the interface. */
export const api: readonly Requirement[] = [...support, ...errors];

const codes = [
  "BLOB_UNKNOWN",
  "BLOB_UPLOAD_INVALID",
  "BLOB_UPLOAD_UNKNOWN",
  "DIGEST_INVALID",
  "MANIFEST_BLOB_UNKNOWN",
  "MANIFEST_INVALID",
  "MANIFEST_UNKNOWN",
  "NAME_INVALID",
  "NAME_UNKNOWN",
  "SIZE_INVALID",
  "UNAUTHORIZED",
  "DENIED",
  "UNSUPPORTED",
  "TOOMANYREQUESTS",
];

async function refusals(wire: Wire): Promise<Answer[]> {
  const repository = wire.newRepository();
  await wire.pushImage(repository, "1.0.0");
  const unknown = sha256(randomBytes(8));
  const session = "00000000-0000-4000-8000-000000000000";
  const upload = await startUpload(wire, repository);
  return [
    await wire.send("GET", `/v2/${repository}/manifests/none`),
    await wire.send("GET", `/v2/${wire.newRepository()}/tags/list`),
    await wire.send("GET", `/v2/${repository}/blobs/${unknown}`),
    await wire.send("GET", `/v2/${repository}/Upper/tags/list`),
    await wire.send("GET", `/v2/${repository}/blobs/uploads/${session}`),
    await endUpload(wire, await startUpload(wire, repository), unknown, Buffer.from("x")),
    await sendChunk(wire, upload, 10, Buffer.from("x")),
    await wire.send("PUT", `/v2/${repository}/manifests/bad`, {
      headers: { "content-type": "application/vnd.oci.image.manifest.v1+json" },
      body: "{",
    }),
    await wire.send("PATCH", `/v2/${repository}/manifests/1.0.0`),
  ];
}
