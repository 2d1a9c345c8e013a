const memorySection = 5;

/**
 * Rewrites the memory section of a WebAssembly module so that its one memory cannot grow past
 * `maxPages` (of 64 KiB). Past it, the Go runtime ends with an ordinary "out of memory".
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 */
export function capMemory(module: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < module.length;) {
    const size = readLeb(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === memorySection) {
      const count = readLeb(module, size.next);
      const min = readLeb(module, count.next + 1);
      const limits = [1, 1, ...writeLeb(min.value), ...writeLeb(Math.max(min.value, maxPages))];
      const section = [memorySection, ...writeLeb(limits.length), ...limits];
      return new Uint8Array(
        Buffer.concat([module.subarray(0, at), Uint8Array.from(section), module.subarray(end)]),
      );
    }
    at = end;
  }
  throw new TypeError("Expected a WebAssembly module with a memory section");
}

function readLeb(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * 2 ** shift;
    if ((byte & 0x80) === 0) return { value, next: at + 1 };
  }
}

function writeLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}
