import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { unifiedDiff } from "./unified-diff.ts";

describe("unifiedDiff()", () => {
  it("shows three lines around each change", () => {
    const before = lines("abcdefghijklmnopqrstuvwxyz");
    const after = before.replace("b\n", "B\n").replace("y\n", "");
    expect(diff(before, after)).toMatchInlineSnapshot(`
      "diff a.orig a
      --- a.orig
      +++ a
      @@ -1,5 +1,5 @@
       a
      -b
      +B
       c
       d
       e
      @@ -22,5 +22,4 @@
       v
       w
       x
      -y
       z
      "
    `);
  });
  it("joins changes with at most five lines between them", () => {
    const before = lines("abcdefghi");
    expect(diff(before, before.replace("b", "B").replace("h", "H")).match(/^@@/gm)).toHaveLength(1);
    const long = lines("abcdefghij");
    expect(diff(long, long.replace("b", "B").replace("i", "I")).match(/^@@/gm)).toHaveLength(2);
  });
  it("tells of a missing newline at the end, and of empty texts", () => {
    expect(diff("a\nb", "a\nb\n")).toMatchInlineSnapshot(`
      "diff a.orig a
      --- a.orig
      +++ a
      @@ -1,2 +1,2 @@
       a
      -b
      \\ No newline at end of file
      +b
      "
    `);
    expect(diff("", "a\n")).toMatchInlineSnapshot(`
      "diff a.orig a
      --- a.orig
      +++ a
      @@ -0,0 +1,1 @@
      +a
      "
    `);
    expect(diff("a\n", "")).toMatchInlineSnapshot(`
      "diff a.orig a
      --- a.orig
      +++ a
      @@ -1,1 +0,0 @@
      -a
      "
    `);
  });
  it("is empty for equal texts", () => expect(diff("a\n", "a\n")).toBe(""));
  it("leads from the one text to the other", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "}", ""), { maxLength: 30 });
    const property = fc.property(text, text, fc.boolean(), (old, young, newline) => {
      const before = old.map((line) => `${line}\n`).join("");
      const after = young.join("\n") + (newline ? "\n" : "");
      expect(patch(before, diff(before, after))).toBe(after);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

function diff(before: string, after: string): string {
  return unifiedDiff({ name: "a.orig", text: before }, { name: "a", text: after });
}

function lines(letters: string): string {
  return letters.replace(/./g, "$&\n");
}

/** Applies a diff by its line numbers, checking the lines that it says to be there. */
function patch(before: string, unified: string): string {
  const old = before.split(/(?<=\n)/).filter(Boolean);
  const young: string[] = [];
  let at = 0;
  const whole = unified.replaceAll("\n\\ No newline at end of file\n", "\u0000\n");
  for (const line of whole.split(/(?<=\n)/).slice(3)) {
    const start = /^@@ -(\d+),(\d+)/.exec(line);
    if (start) {
      const wanted = Number(start[1]) - (start[2] === "0" ? 0 : 1);
      young.push(...old.slice(at, wanted));
      at = wanted;
      continue;
    }
    const text = line.slice(1).replace("\u0000\n", "");
    if (line[0] !== "+") expect(old[at++]).toBe(text);
    if (line[0] !== "-") young.push(text);
  }
  return [...young, ...old.slice(at)].join("");
}
