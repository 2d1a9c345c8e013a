import { createHash } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import type { Digest } from "@tenon/core";

import type { Content } from "./content.ts";
import { fileChunks } from "./node-file.ts";
import { unwritable } from "./unwritable.ts";
import { bytesStream, toWebStream } from "./web-stream.ts";

/** Content up to this size stays in memory. */
const memoryLimit = 4 * 1024 * 1024;

/** Options of {@link spool}. */
export interface SpoolOptions {
  readonly temporary?: string | undefined;
}

/** Collects what is written, in memory while it is small and then in a temporary file. */
export async function spool(
  write: (sink: Writable) => Promise<void>,
  options: SpoolOptions = {},
): Promise<Content & AsyncDisposable> {
  const sink = new Spool(options.temporary ?? tmpdir());
  try {
    await write(sink);
    return await sink.take();
  } catch (error) {
    await sink.drop();
    throw error;
  }
}

class Spool extends Writable {
  readonly #temporary: string;
  readonly #hash = createHash("sha256");
  #chunks: Buffer[] = [];
  #size = 0;
  #folder: string | undefined;
  #file: FileHandle | undefined;

  constructor(temporary: string) {
    super({ highWaterMark: 256 * 1024 });
    this.#temporary = temporary;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    if (this.#file === undefined && this.#size <= memoryLimit) done();
    else void this.#flush(done);
  }

  async take(): Promise<Content & AsyncDisposable> {
    await this.#file?.close();
    const bytes = this.#file === undefined ? Buffer.concat(this.#chunks) : undefined;
    const path = this.#path();
    return {
      digest: `sha256:${this.#hash.digest("hex")}` as Digest,
      size: this.#size,
      open: () => (bytes === undefined ? toWebStream(fileChunks(path)) : bytesStream(bytes)),
      openFrom: (start) =>
        bytes === undefined
          ? toWebStream(fileChunks(path, { start }))
          : bytesStream(bytes.subarray(start)),
      [Symbol.asyncDispose]: () => this.#remove(),
    };
  }

  async drop(): Promise<void> {
    await this.#file?.close();
    await this.#remove();
  }

  async #flush(done: (error?: Error | null) => void): Promise<void> {
    try {
      this.#folder ??= await mkdtemp(join(this.#temporary, "tenon-spool-"));
      this.#file ??= await open(this.#path(), "wx", 0o600);
      for (const chunk of this.#chunks) await this.#file.appendFile(chunk);
      this.#chunks = [];
    } catch (error) {
      done(unwritable(error, this.#temporary) as Error);
      return;
    }
    done();
  }

  async #remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  #path(): string {
    return join(this.#folder ?? "", "content");
  }
}
