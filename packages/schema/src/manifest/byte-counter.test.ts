import fc from "fast-check";
import { expect, it } from "vitest";

import { byteCounter } from "./byte-counter.ts";

it("byteCounter() counts as UTF-8 does, in any order", () => {
  const texts = fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { maxLength: 600 });
  fc.assert(
    fc.property(texts, (parts) => {
      const text = parts.join("");
      const bytesBefore = byteCounter(text);
      const lengths = parts.map((_, index) => parts.slice(0, index).join("").length);
      for (const length of lengths.toReversed()) {
        expect(bytesBefore(length)).toBe(Buffer.byteLength(text.slice(0, length)));
      }
    }),
    { numRuns: 20 },
  );
});
