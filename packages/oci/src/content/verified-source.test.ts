import { randomBytes } from "node:crypto";

import { sha256 } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { createVerifiedSource } from "./verified-source.ts";
import { toWebStream, readAll } from "./web-stream.ts";

const bytes = randomBytes(30_000_000);
const expected = { digest: sha256(bytes), size: bytes.length, what: "content" };

async function* chunksFrom(start: number): AsyncGenerator<Uint8Array, void, void> {
  for (let at = start; at < bytes.length; at += 1_000_000) {
    yield bytes.subarray(at, Math.min(at + 1_000_000, bytes.length));
  }
}

/** A source, and where it was opened. */
function sourceOf(change: (chunk: Uint8Array) => Uint8Array = (chunk) => chunk) {
  const opened: number[] = [];
  const openFrom = (start: number) => {
    opened.push(start);
    return toWebStream(
      (async function* () {
        for await (const chunk of chunksFrom(start)) yield change(chunk);
      })(),
    );
  };
  const source = createVerifiedSource({ open: () => openFrom(0), openFrom }, expected);
  return { source, opened };
}

async function readUntil(chunks: AsyncIterable<Uint8Array>, end: number): Promise<void> {
  let size = 0;
  for await (const chunk of chunks) if ((size += chunk.byteLength) >= end) return;
}

describe("createVerifiedSource()", () => {
  it("goes on where a reading ended, and reads little again for that", async () => {
    const { source, opened } = sourceOf();
    await readUntil(source.readFrom(0), 20_000_000);
    const rest = await readAll(source.readFrom(19_500_000), bytes.length, "rest");
    expect(rest.equals(bytes.subarray(19_500_000))).toBe(true);
    expect(opened).toEqual([0, 18_000_000]);
  });

  it("verifies what is sent in parts as a whole", async () => {
    let broken = false;
    const { source } = sourceOf((chunk) => (broken ? Buffer.alloc(chunk.length) : chunk));
    await readUntil(source.readFrom(0), 20_000_000);
    broken = true;
    const rest = readAll(source.readFrom(19_500_000), bytes.length, "rest");
    await expect(rest).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    expect(source.failure()).toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
  });

  it("leaves out what was sent where it can only be read from the start", async () => {
    const open = () => toWebStream(chunksFrom(0));
    const source = createVerifiedSource({ open }, expected);
    await readUntil(source.readFrom(0), 20_000_000);
    const rest = await readAll(source.readFrom(29_999_000), bytes.length, "rest");
    expect(rest.equals(bytes.subarray(29_999_000))).toBe(true);
  });
});
