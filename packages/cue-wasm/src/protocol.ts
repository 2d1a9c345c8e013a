// A message is a frame: the lengths of a JSON header and of a body as little-endian uint32, then
// the header, then the body. The engine's protocol.go is the other side.

/** The version that both sides must speak. */
export const protocolVersion = 1;

/** Bytes before the header. */
export const frameHead = 8;

/** A header and the bytes that it describes. */
export interface Message {
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** Writes a request frame. */
export function encodeMessage(
  header: Readonly<Record<string, unknown>>,
  parts: readonly Uint8Array[],
): Uint8Array {
  const text = Buffer.from(JSON.stringify({ protocol: protocolVersion, ...header }));
  const bodySize = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.allocUnsafe(frameHead + text.length + bodySize);
  frame.writeUInt32LE(text.length, 0);
  frame.writeUInt32LE(bodySize, 4);
  frame.set(text, frameHead);
  let offset = frameHead + text.length;
  for (const part of parts) {
    frame.set(part, offset);
    offset += part.length;
  }
  return frame;
}

/** The length of the frame that begins with these bytes, or nothing when they are too few to tell. */
export function frameLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < frameHead) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return frameHead + view.getUint32(0, true) + view.getUint32(4, true);
}

/** Reads a whole frame. */
export function decodeMessage(frame: Uint8Array): Message {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const headerEnd = frameHead + view.getUint32(0, true);
  const text = Buffer.from(
    frame.buffer,
    frame.byteOffset + frameHead,
    headerEnd - frameHead,
  ).toString("utf8");
  return { header: JSON.parse(text) as Record<string, unknown>, body: frame.subarray(headerEnd) };
}
