import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseIgnore } from "./ignore.ts";
import { matchName } from "./match-name.ts";

/** The paths of a tree that a file leaves; folders end in a slash. */
function kept(lines: string, paths: readonly string[]): string[] {
  const isIgnored = parseIgnore(lines);
  return paths.filter((path) => !isIgnored(path.replace(/\/$/, ""), path.endsWith("/")));
}

describe("parseIgnore()", () => {
  it.each([
    ["a name at any depth", "*.log", ["a.log", "b/a.log", "b/a.txt"], ["b/a.txt"]],
    ["what lies in a matched folder", "tmp", ["tmp/", "tmp/a", "x/tmp/a/b", "y"], ["y"]],
    ["folders only", "tmp/", ["tmp", "a/tmp", "tmp/", "tmp/x"], ["tmp", "a/tmp"]],
    ["from the root", "/a.txt", ["a.txt", "b/a.txt"], ["b/a.txt"]],
    [
      "a path from the root",
      "docs/*.md",
      ["docs/a.md", "x/docs/a.md", "docs/b/a.md"],
      ["x/docs/a.md", "docs/b/a.md"],
    ],
    ["what lies under a path", "docs/old", ["docs/old/a", "docs/older"], ["docs/older"]],
    ["anything between", "a/**/z", ["a/z", "a/b/z", "a/b/c/z/x", "b/z"], ["b/z"]],
    ["anything before", "**/z", ["z", "a/z", "a/b/z", "a/y"], ["a/y"]],
    ["anything after", "a/**", ["a/", "a/b", "a/b/c", "b"], ["a/", "b"]],
    ["a path after folders that only look like it", "**/a/b", ["a/x/a/b", "a/x"], ["a/x"]],
    ["nothing for ** inside a part", "a**b/c", ["axb/c"], ["axb/c"]],
    [
      "what is taken back in",
      "*.txt\n!keep.txt",
      ["a.txt", "keep.txt", "b/keep.txt"],
      ["keep.txt", "b/keep.txt"],
    ],
    [
      "a file of an ignored folder that is taken back in",
      "/x\n!/x/keep",
      ["x/", "x/a", "x/keep"],
      ["x/keep"],
    ],
    ["by the last pattern", "!a\na", ["a"], []],
    ["no comments and blank lines", "# a\n\n  \n#a", ["a", "# a"], ["a", "# a"]],
    ["a name with a hash when it is not at column 0", " #a", ["#a", " #a"], ["#a"]],
    ["names without trailing spaces", "a  ", ["a", "a  "], ["a  "]],
    ["names with an escaped trailing space", "a\\ ", ["a ", "a"], ["a"]],
    ["names of sets and questions", "[a-c]?.[^x]", ["b1.y", "b1.x", "d1.y"], ["b1.x", "d1.y"]],
    ["names with CRLF ends", "a\r\nb\r\n", ["a", "b", "c"], ["c"]],
    [
      "everything but a folder",
      "/*\n!/cue.mod",
      ["a", "b/c", "cue.mod/", "cue.mod/x/y"],
      ["cue.mod/", "cue.mod/x/y"],
    ],
    ["nothing for a broken pattern", "[a", ["a", "[a"], ["a", "[a"]],
  ])("ignores %s", (_, lines, paths, expected) => {
    expect(kept(lines, paths)).toEqual(expected);
  });

  it("rejects a line of more than 64 KiB", () => {
    expect(() => parseIgnore("a".repeat(65_537))).toThrowError(
      expect.objectContaining({ code: "OCI_IGNORE_INVALID" }),
    );
  });

  it("adds the lines that it is given at the end", () => {
    const isIgnored = parseIgnore("!cue.mod", ["cue.mod/"]);
    expect([isIgnored("cue.mod", true), isIgnored("a/cue.mod/b", false)]).toEqual([true, true]);
  });
});

describe("matchName()", () => {
  it.each([
    ["*", "", true],
    ["a*c", "abbc", true],
    ["a*c", "abbd", false],
    ["\\*", "*", true],
    ["\\", "\\", false],
    ["[!a]", "!", true],
    ["[]a]", "]", false],
    ["[a-]", "a", false],
    ["?", "é", true],
    ["?", "😀", true],
    ["[^a]", "b", true],
    ["a[b-d]e", "ace", true],
  ])("%j against %j is %s", (pattern, name, expected) => {
    expect(matchName(pattern, name)).toBe(expected);
  });

  it("does not take for ever", () => {
    const started = performance.now();
    expect(matchName(`${"*a".repeat(40)}b`, "a".repeat(2000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("matches every name by itself, escaped", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), (name) => {
        expect(matchName(name.replace(/[\\*?[]/g, "\\$&"), name)).toBe(true);
      }),
    );
  });
});
