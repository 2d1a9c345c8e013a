import type { Digest } from "@tenon/core";

/** How far a blob is. */
export interface ProgressEvent {
  readonly digest: Digest;
  readonly size: number;
  /** `started` comes again when a transfer is repeated; `exists` means that none was needed. */
  readonly state: "started" | "moving" | "done" | "exists";
  /** Bytes moved so far. */
  readonly done: number;
}

/** Called as blobs move. */
export type OnProgress = (event: ProgressEvent) => void;
