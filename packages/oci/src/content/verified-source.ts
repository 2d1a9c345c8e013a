import type { OpenContent, OpenContentFrom } from "../registry.ts";
import { type Expected, type HashState, startState, verified } from "./verify.ts";

/** Bytes between two states that are kept: what is read again, at most, to go on anywhere. */
const stateEvery = 8 * 1024 * 1024;

/** How to read a content. */
export interface ContentReader {
  readonly open: OpenContent;
  readonly openFrom?: OpenContentFrom | undefined;
}

/** A content that can be sent again from any byte that was sent before, and is verified as a whole all the same. */
export interface VerifiedSource {
  /** The bytes from `at` on; fails at the end unless all bytes are those of the digest. */
  readFrom(at: number): AsyncGenerator<Uint8Array, void, void>;
  /** What failed about the content itself in the last reading. */
  failure(): unknown;
}

/** Makes a source; where it can only be read from its start, that is read again and left out. */
export function createVerifiedSource(reader: ContentReader, expected: Expected): VerifiedSource {
  const states: HashState[] = [startState(expected)];
  let failure: unknown;
  return {
    async *readFrom(at) {
      failure = undefined;
      const from = states.findLast(({ size }) => size <= at)!;
      const state: HashState = { hash: from.hash.copy(), size: from.size };
      let before = state.size;
      try {
        for await (const chunk of verified(await openAt(reader, before), expected, state)) {
          if (reader.openFrom !== undefined) keep(states, state);
          const skipped = at - before;
          before += chunk.byteLength;
          if (skipped < chunk.byteLength) yield skipped > 0 ? chunk.subarray(skipped) : chunk;
        }
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    failure: () => failure,
  };
}

function openAt({ open, openFrom }: ContentReader, at: number): ReturnType<OpenContent> {
  return at > 0 && openFrom !== undefined ? openFrom(at) : open();
}

function keep(states: HashState[], { hash, size }: HashState): void {
  if (size >= states.at(-1)!.size + stateEvery) states.push({ hash: hash.copy(), size });
}
