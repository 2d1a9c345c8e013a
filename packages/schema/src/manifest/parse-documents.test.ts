import { describe, expect, it } from "vitest";

import { nodeAt } from "./manifest-node.ts";
import { parseDocuments } from "./parse-documents.ts";

const parse = (text: string) => parseDocuments({ name: "a.json", content: Buffer.from(text) });

describe("parseDocuments()", () => {
  it("counts columns in bytes, also far into a line", () => {
    const text = `---\n["${"é😀".repeat(1000)}", 1]\n`;
    const { documents } = parse(text);
    expect(nodeAt(documents[0], 1)?.at).toMatchObject({ line: 2, column: 6006 });
  });

  it("leaves lines out that nobody can read", () => {
    const lines = parse(`[1, ${"2".repeat(2000)},\n3]`).documents.flatMap((node) =>
      [0, 2].map((index) => nodeAt(node, index)?.at.lineText),
    );
    expect(lines).toEqual([undefined, "3]"]);
  });

  it.each([
    ["of values", `[${"1,".repeat(500_000)}]`, "a document has at most 500000 keys and values"],
    [
      "that aliases stand for",
      `a: &a [${"1,".repeat(1000)}]\nb: [${"*a,".repeat(500)}]`,
      "its aliases stand for too many values",
    ],
  ])("refuses too many %s", (_, text, problem) => {
    expect(parse(text).problems.map((found) => found.text)).toEqual([problem]);
  });
});
