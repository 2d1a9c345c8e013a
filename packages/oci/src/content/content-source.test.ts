import { randomBytes } from "node:crypto";

import { sha256 } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { createContentSource } from "./content-source.ts";
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
  const source = createContentSource({ open: () => openFrom(0), openFrom }, expected);
  return { source, opened };
}

async function readUntil(chunks: AsyncIterable<Uint8Array>, end: number): Promise<void> {
  let size = 0;
  for await (const chunk of chunks) if ((size += chunk.byteLength) >= end) return;
}

describe("createContentSource()", () => {
  it("goes on where a reading ended, and reads nothing again for that", async () => {
    const { source, opened } = sourceOf();
    await readUntil(source.readFrom(0), 20_000_000);
    const rest = await readAll(source.readFrom(19_500_000), bytes.length, "rest");
    expect(rest.equals(bytes.subarray(19_500_000))).toBe(true);
    expect(opened).toEqual([0, 19_500_000]);
  });

  it("fails when there is less or more than expected, also from the middle", async () => {
    for (const change of [
      (chunk: Uint8Array) => chunk.subarray(1),
      (chunk: Uint8Array) => Buffer.concat([chunk, chunk]),
    ]) {
      const { source } = sourceOf(change);
      for (const at of [0, 19_500_000]) {
        const reading = readAll(source.readFrom(at), 2 * bytes.length, "content");
        await expect(reading).rejects.toMatchObject({ code: "OCI_SIZE_MISMATCH" });
        expect(source.failure()).toMatchObject({ code: "OCI_SIZE_MISMATCH" });
      }
    }
  });

  it("tells whether it is what was expected", async () => {
    let broken = true;
    const { source } = sourceOf((chunk) => (broken ? Buffer.alloc(chunk.length) : chunk));
    await readAll(source.readFrom(0), bytes.length, "content");
    expect([source.failure(), await source.verify()]).toEqual([undefined, false]);
    expect(source.failure()).toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    broken = false;
    expect([await source.verify(), source.failure()]).toEqual([true, undefined]);
  });

  it("leaves out what was sent where it can only be read from the start", async () => {
    const open = () => toWebStream(chunksFrom(0));
    const source = createContentSource({ open }, expected);
    await readUntil(source.readFrom(0), 20_000_000);
    const rest = await readAll(source.readFrom(29_999_000), bytes.length, "rest");
    expect(rest.equals(bytes.subarray(29_999_000))).toBe(true);
  });
});
