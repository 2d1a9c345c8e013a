import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { OciError } from "../errors.ts";
import { UploadFile } from "./upload-file.ts";

/** Uploads that have begun and not ended, kept in files. */
export interface Uploads extends AsyncDisposable {
  begin(repository: string): Promise<UploadFile>;
  /** @throws OciError `OCI_UPLOAD_UNKNOWN` */
  find(repository: string, id: string): UploadFile;
  /** Takes an upload out, so that no other request goes on with it; its file stays. */
  close(upload: UploadFile): void;
  /** Takes an upload out and removes its file. */
  remove(upload: UploadFile): Promise<void>;
}

/** Limits of {@link createUploads}. */
export interface UploadLimits {
  readonly maxBlobBytes: number;
  readonly maxUploads: number;
  /** Milliseconds after which an upload that nobody goes on with is removed. */
  readonly maxIdle: number;
}

const longestPause = 60_000;

/** Keeps uploads in a folder, which is asked for each time that one begins. */
export function createUploads(folder: () => Promise<string>, limits: UploadLimits): Uploads {
  const open = new Map<string, UploadFile>();
  const remove = async (upload: UploadFile): Promise<void> => {
    open.delete(upload.id);
    await rm(upload.path, { force: true });
  };
  const sweep = async (): Promise<void> => {
    const abandoned = [...open.values()].filter((upload) => upload.idleFor() > limits.maxIdle);
    for (const upload of abandoned) await remove(upload);
  };
  const pause = Math.min(limits.maxIdle, longestPause);
  // What cannot be removed now is tried again the next time.
  const timer = setInterval(() => void sweep().catch(() => undefined), pause).unref();
  return {
    async begin(repository) {
      if (open.size >= limits.maxUploads) {
        throw new OciError("OCI_RATE_LIMITED", "Cannot begin upload: too many are under way");
      }
      const id = randomUUID();
      const path = join(await folder(), id);
      const upload = new UploadFile({ id, repository, path, limit: limits.maxBlobBytes });
      open.set(id, upload);
      return upload;
    },
    find(repository, id) {
      const upload = open.get(id);
      if (upload?.repository === repository) return upload;
      throw new OciError("OCI_UPLOAD_UNKNOWN", "Cannot continue upload: it is not known");
    },
    close(upload) {
      open.delete(upload.id);
    },
    remove,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const upload of open.values()) await remove(upload);
    },
  };
}
