import { type Digest, sha256 } from "@tenon/core";

import type { OpenContent, OpenContentFrom } from "../registry.ts";
import { bytesStream } from "./web-stream.ts";

/** Bytes with their digest, which can be read any number of times. */
export interface Content {
  readonly digest: Digest;
  readonly size: number;
  readonly open: OpenContent;
  /** Where it can be read from any byte on. */
  readonly openFrom?: OpenContentFrom | undefined;
}

/** Content of bytes in memory. */
export function bytesContent(bytes: Uint8Array): Content {
  return { digest: sha256(bytes), size: bytes.byteLength, open: () => bytesStream(bytes) };
}
