import { decodeDiagnostic, placeIn, textReader, type WireDiagnostic } from "./evaluate.ts";
import type { CueDiagnostic } from "./evaluation.ts";
import { encodeMessage, type Message } from "./protocol.ts";

/** A CUE file that stands alone. */
export interface CueText {
  /** How diagnostics name the file. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** A CUE file in the standard format, or why it has none. */
export type FormattedCue =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly diagnostics: readonly CueDiagnostic[] };

/** The request frame for formatting. */
export function encodeFormatCue(
  files: readonly CueText[],
  module: Uint8Array | undefined,
): Uint8Array {
  const texts = [...(module ? [module] : []), ...files.map(({ content }) => content)];
  const header = {
    op: "format-cue",
    module: module !== undefined,
    texts: texts.map(({ length }) => length),
  };
  return encodeMessage(header, texts);
}

interface WireFormatted {
  readonly text?: number;
  readonly diagnostics?: readonly WireDiagnostic[];
}

/** Reads the answer to {@link encodeFormatCue}. */
export function decodeFormatCue(message: Message, files: readonly CueText[]): FormattedCue[] {
  const take = textReader(message.body);
  const formatted = (message.header["formatted"] ?? []) as readonly WireFormatted[];
  return formatted.map(({ text, diagnostics = [] }, index) => {
    if (text !== undefined) return { ok: true, text: take(text) };
    const { name, content } = files[index]!;
    const place = placeIn(name, content);
    return { ok: false, diagnostics: diagnostics.map((entry) => decodeDiagnostic(entry, place)) };
  });
}
