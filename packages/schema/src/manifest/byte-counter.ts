const step = 256;

/**
 * Counts the bytes that UTF-8 has for a text before an offset. A text is read once, however many
 * offsets are asked for.
 *
 * @param text without half characters
 */
export function byteCounter(text: string): (offset: number) => number {
  /** Bytes before every offset that is a multiple of the step, as far as was asked. */
  const marks = [0];
  return (offset) => {
    const mark = Math.floor(offset / step);
    for (let last = marks.length - 1; last < mark; last += 1) {
      marks.push(marks[last]! + bytesOf(text, last * step, (last + 1) * step));
    }
    return marks[mark]! + bytesOf(text, mark * step, offset);
  };
}

/** Halves of a character outside the basic plane count two bytes each. */
function bytesOf(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    const isHalf = unit >= 0xd800 && unit < 0xe000;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || isHalf ? 2 : 3;
  }
  return bytes;
}
