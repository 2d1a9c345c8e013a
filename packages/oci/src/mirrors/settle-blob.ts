import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { spool } from "../content/spool.ts";
import type { OpenBlob } from "../registry.ts";

/**
 * Reads a blob to its end before any of it is passed on: large ones go to a temporary file. What breaks off
 * or has another digest fails here, where it can still be had from somebody else.
 *
 * @throws OciError as the stream of the blob
 */
export async function settleBlob(
  { size, stream }: OpenBlob,
  signal: AbortSignal | undefined,
): Promise<OpenBlob> {
  const content = await spool((sink) => pipeline(Readable.from(stream), sink, { signal }));
  const reader = (await content.open()).getReader();
  const settled = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        await content[Symbol.asyncDispose]();
        controller.close();
      },
      async cancel() {
        await reader.cancel();
        await content[Symbol.asyncDispose]();
      },
    },
    { highWaterMark: 0 },
  );
  return { size, stream: settled };
}
