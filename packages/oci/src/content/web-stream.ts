import { OciError } from "../errors.ts";

/** A web stream of the chunks of an iterable, which is read only as fast as the stream is. */
export function toWebStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A web stream of bytes in memory. */
export function bytesStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

/**
 * Reads a stream into memory, up to a limit.
 *
 * @throws OciError `OCI_TOO_LARGE`
 */
export async function readAll(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  what: string,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(what, limit);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}

/** The error for content over a limit. */
export function tooLarge(what: string, limit: number): OciError {
  return new OciError("OCI_TOO_LARGE", `Cannot use ${what}: it has more than ${limit} bytes`, {
    details: { limit },
  });
}

/** Passes chunks on and tells how many bytes went by. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}
