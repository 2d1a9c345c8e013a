import type { OpenContent, OpenContentFrom } from "../registry.ts";
import { type Expected, sizeMismatch, verified } from "./verify.ts";

/** How to read a content. */
export interface ContentReader {
  readonly open: OpenContent;
  readonly openFrom?: OpenContentFrom | undefined;
}

/**
 * A content that can be sent again from any byte. Its digest is for the registry to check, and for `verify` where that
 * doubts it.
 */
export interface ContentSource {
  /** The bytes from `at` on; fails unless there are as many as expected. */
  readFrom(at: number): AsyncGenerator<Uint8Array, void, void>;
  /** Reads all of it, and tells whether it is what was expected. */
  verify(): Promise<boolean>;
  /** What failed about the content itself in the last reading. */
  failure(): unknown;
}

/** Makes a source; where it can only be read from its start, that is read again and left out. */
export function createContentSource(reader: ContentReader, expected: Expected): ContentSource {
  let failure: unknown;
  const noting = async function* (
    read: () => AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, void> {
    failure = undefined;
    try {
      yield* read();
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return {
    readFrom: (at) => noting(() => readFrom(reader, at, expected)),
    async verify() {
      try {
        for await (const _ of noting(() => readAndVerify(reader, expected)));
      } catch {
        // It is told as the failure of the source.
      }
      return failure === undefined;
    },
    failure: () => failure,
  };
}

async function* readAndVerify(
  { open }: ContentReader,
  expected: Expected,
): AsyncGenerator<Uint8Array, void, void> {
  yield* verified(await open(), expected);
}

async function* readFrom(
  { open, openFrom }: ContentReader,
  at: number,
  expected: Expected,
): AsyncGenerator<Uint8Array, void, void> {
  const isDirect = at > 0 && openFrom !== undefined;
  let size = isDirect ? at : 0;
  for await (const chunk of isDirect ? await openFrom(at) : await open()) {
    const skipped = at - size;
    size += chunk.byteLength;
    if (size > expected.size) throw sizeMismatch(expected, "more");
    if (skipped < chunk.byteLength) yield skipped > 0 ? chunk.subarray(skipped) : chunk;
  }
  if (size < expected.size) throw sizeMismatch(expected, `only ${size}`);
}
