import { type Hash, createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

import { type Digest, digestAlgorithm } from "@tenon/core";

import { fileChunks } from "../content/node-file.ts";
import { sizeMismatch } from "../content/verify.ts";
import { toWebStream, tooLarge } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import type { OpenContent } from "../registry.ts";

/** What makes an {@link UploadFile}. */
export interface UploadFileOptions {
  readonly id: string;
  readonly repository: string;
  readonly path: string;
  /** The most bytes that it may have. */
  readonly limit: number;
}

/** One upload, in a file that may have more bytes than have been taken. */
export class UploadFile {
  readonly id: string;
  readonly repository: string;
  readonly path: string;
  readonly #limit: number;
  #sha256: Hash = createHash("sha256");
  #size = 0;
  #busy = false;
  #lastUsed = performance.now();

  constructor(options: UploadFileOptions) {
    this.id = options.id;
    this.repository = options.repository;
    this.path = options.path;
    this.#limit = options.limit;
  }

  /** Bytes that have been taken. */
  get size(): number {
    return this.#size;
  }

  get content(): OpenContent {
    return () => toWebStream(fileChunks(this.path, { end: this.#size }));
  }

  /** Milliseconds since somebody went on with it. */
  idleFor(): number {
    return this.#busy ? 0 : performance.now() - this.#lastUsed;
  }

  /**
   * Adds bytes at the end. When they break off, those that came stay; when they are not as many as
   * was said, none of them does.
   *
   * @throws OciError `OCI_TOO_LARGE`, `OCI_SIZE_MISMATCH`, `OCI_REQUEST_REJECTED` while another request adds to it
   */
  async append(chunks: AsyncIterable<Uint8Array>, length?: number): Promise<void> {
    if (this.#busy) {
      throw new OciError("OCI_REQUEST_REJECTED", "Cannot continue upload: another request does");
    }
    if (this.#size + (length ?? 0) > this.#limit) throw tooLarge("blob", this.#limit);
    this.#busy = true;
    const before = { size: this.#size, sha256: this.#sha256.copy() };
    const file = await open(this.path, this.#size === 0 ? "w" : "r+", 0o600);
    try {
      for await (const chunk of chunks) await this.#write(file, chunk);
      // What an earlier write left behind the end when it failed.
      await file.truncate(this.#size);
    } finally {
      await file.close();
      this.#busy = false;
      this.#lastUsed = performance.now();
    }
    const got = this.#size - before.size;
    if (length === undefined || got === length) return;
    [this.#size, this.#sha256] = [before.size, before.sha256];
    throw sizeMismatch({ size: length, what: "chunk" }, String(got));
  }

  /** The digest of what has been taken, with the algorithm of another one. */
  async digest(like: Digest): Promise<Digest> {
    const algorithm = digestAlgorithm(like);
    if (algorithm === "sha256") return `sha256:${this.#sha256.copy().digest("hex")}` as Digest;
    const hash = createHash(algorithm);
    for await (const chunk of fileChunks(this.path, { end: this.#size })) hash.update(chunk);
    return `${algorithm}:${hash.digest("hex")}` as Digest;
  }

  async #write(file: FileHandle, chunk: Uint8Array): Promise<void> {
    if (this.#size + chunk.byteLength > this.#limit) throw tooLarge("blob", this.#limit);
    let at = 0;
    while (at < chunk.byteLength) {
      const rest = chunk.byteLength - at;
      at += (await file.write(chunk, at, rest, this.#size + at)).bytesWritten;
    }
    this.#sha256.update(chunk);
    this.#size += chunk.byteLength;
  }
}
