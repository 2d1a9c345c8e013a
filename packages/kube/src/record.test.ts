import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { KubeError } from "./errors.ts";
import { type InstanceRecord, decodeRecord, encodeRecord } from "./record.ts";

const record: InstanceRecord = {
  name: "web",
  namespace: "shop",
  revision: 3,
  applied: {
    module: { name: "m", repository: "r", version: "1.0.0", digest: "sha256:0" },
    values: "{a: 1}",
    images: ["a:1"],
    inventory: [{ apiVersion: "v1", kind: "Secret", namespace: "shop", name: "s" }],
    at: "2026-01-01T00:00:00Z",
  },
};

describe("encodeRecord()", () => {
  it("writes small records as readable JSON with a version", async () => {
    const { encoding, bytes } = await encodeRecord(record);
    expect(encoding).toBe("json");
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ version: 1, ...record });
    expect(await decodeRecord({ encoding, bytes }, "here")).toEqual(record);
  });

  it("compresses large ones", async () => {
    const large = { ...record, applied: { ...record.applied!, values: "abc".repeat(10_000) } };
    const encoded = await encodeRecord(large);
    expect(encoded.encoding).toBe("gzip");
    expect(encoded.bytes.length).toBeLessThan(1000);
    expect(await decodeRecord(encoded, "here")).toEqual(large);
  });
});

describe("decodeRecord()", () => {
  const read = (
    content: string | Uint8Array,
    encoding: "json" | "gzip" = "json",
  ): Promise<string> =>
    decodeRecord({ encoding, bytes: Buffer.from(content) }, "secret/tenon.x -n y").then(
      () => "read",
      (error: unknown) => `${(error as KubeError).code} ${(error as KubeError).message}`,
    );

  it("rejects records of a later version, damaged ones and other things", async () => {
    expect(await read('{"version":2,"name":"x","revision":1}')).toBe(
      "KUBE_RECORD_INVALID Cannot read record secret/tenon.x -n y: it has version 2 and this Tenon reads up to 1",
    );
    expect(await read("{")).toContain("its content is damaged");
    expect(await read(randomBytes(20), "gzip")).toContain("its content is damaged");
    expect(await read('{"version":1}')).toContain("it is no record of Tenon");
  });
});
