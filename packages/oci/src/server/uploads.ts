import { type Hash, createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

import { type Digest, digestAlgorithm } from "@tenon/core";

import { fileChunks } from "../content/node-file.ts";
import { toWebStream, tooLarge } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import type { OpenContent } from "../registry.ts";

/** Uploads that have begun and not ended, kept in files. */
export interface Uploads {
  begin(repository: string): Promise<Upload>;
  /** @throws OciError `OCI_UPLOAD_UNKNOWN` */
  find(repository: string, id: string): Upload;
  remove(upload: Upload): Promise<void>;
}

/** One upload. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  readonly size: number;
  /** Adds bytes at the end; what came before a failure stays. */
  append(chunks: AsyncIterable<Uint8Array>): Promise<void>;
  digest(like: Digest): Promise<Digest>;
  readonly content: OpenContent;
}

/** Limits of {@link createUploads}. */
export interface UploadLimits {
  readonly maxBlobBytes: number;
  readonly maxUploads: number;
  readonly maxIdle: number;
}

/** Keeps uploads in a folder of their own. */
export function createUploads(folder: string, limits: UploadLimits): Uploads {
  const open = new Map<string, UploadFile>();
  const remove = async (upload: Upload) => {
    open.delete(upload.id);
    await rm(join(folder, upload.id), { force: true });
  };
  return {
    async begin(repository) {
      for (const upload of open.values())
        if (upload.isAbandoned(limits.maxIdle)) await remove(upload);
      if (open.size >= limits.maxUploads) {
        throw new OciError("OCI_RATE_LIMITED", "Cannot begin upload: too many are under way");
      }
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const upload = new UploadFile(repository, folder, limits.maxBlobBytes);
      open.set(upload.id, upload);
      return upload;
    },
    find(repository, id) {
      const upload = open.get(id);
      if (upload?.repository === repository) return upload;
      throw new OciError("OCI_UPLOAD_UNKNOWN", "Cannot continue upload: it is not known");
    },
    remove,
  };
}

class UploadFile implements Upload {
  readonly id: string = randomUUID();
  readonly repository: string;
  readonly #path: string;
  readonly #limit: number;
  readonly #sha256: Hash = createHash("sha256");
  #size = 0;
  #busy = false;
  #lastUsed = Date.now();

  constructor(repository: string, folder: string, limit: number) {
    this.repository = repository;
    this.#path = join(folder, this.id);
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get content(): OpenContent {
    return () => toWebStream(fileChunks(this.#path));
  }

  isAbandoned(maxIdle: number): boolean {
    return !this.#busy && Date.now() - this.#lastUsed > maxIdle;
  }

  async append(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#busy) {
      throw new OciError("OCI_REQUEST_REJECTED", "Cannot continue upload: another request does");
    }
    this.#busy = true;
    const file = await open(this.#path, "a", 0o600);
    try {
      for await (const chunk of chunks) await this.#write(file, chunk);
    } finally {
      await file.close();
      this.#busy = false;
      this.#lastUsed = Date.now();
    }
  }

  async digest(like: Digest): Promise<Digest> {
    const algorithm = digestAlgorithm(like);
    if (algorithm === "sha256") return `sha256:${this.#sha256.copy().digest("hex")}` as Digest;
    const hash = createHash(algorithm);
    for await (const chunk of fileChunks(this.#path)) hash.update(chunk);
    return `${algorithm}:${hash.digest("hex")}` as Digest;
  }

  async #write(file: FileHandle, chunk: Uint8Array): Promise<void> {
    if (this.#size + chunk.byteLength > this.#limit) throw tooLarge("blob", this.#limit);
    let at = 0;
    while (at < chunk.byteLength) at += (await file.write(chunk, at)).bytesWritten;
    this.#sha256.update(chunk);
    this.#size += chunk.byteLength;
  }
}
