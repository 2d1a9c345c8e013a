import { describe, expect, it } from "vitest";

import { insertConfigTable } from "./insert-config-table.ts";

const table = "| KEY |\n| --- |\n| `a:` |\n";
const old = "| KEY |\n|-----|\n| `x:` |\n| `y:` |\n";

describe("insertConfigTable()", () => {
  it("replaces what is between the markers", () => {
    const text = `# app\n\n<!-- tenon:config -->\nwhatever\n<!-- /tenon:config -->\n\nMore.\n`;
    expect(insert(text)).toBe(
      `# app\n\n<!-- tenon:config -->\n\n${table}\n<!-- /tenon:config -->\n\nMore.\n`,
    );
  });
  it("prefers the markers to the heading", () => {
    const text = `## Configuration\n\n${old}\n<!-- tenon:config -->\n<!-- /tenon:config -->\n`;
    expect(insert(text)).toBe(
      `## Configuration\n\n${old}\n<!-- tenon:config -->\n\n${table}\n<!-- /tenon:config -->\n`,
    );
  });
  it("replaces the first table under the heading and nothing after it", () => {
    expect(insert(`## Configuration\n\nWords.\n\n### All\n${old}Text at once.\n\n${old}`)).toBe(
      `## Configuration\n\nWords.\n\n### All\n${table}Text at once.\n\n${old}`,
    );
  });
  it("takes a table at the end, with or without its newline", () => {
    expect(insert(`## Configuration\n\n${old}`)).toBe(`## Configuration\n\n${table}`);
    expect(insert(`## Configuration\n\n${old.trimEnd()}`)).toBe(`## Configuration\n\n${table}`);
  });
  it("puts a table below a heading that has none", () => {
    const wanted = `## Configuration\n\n${table}\nText.\n`;
    expect(insert("## Configuration\nText.\n")).toBe(wanted);
    expect(insert("## Configuration\n\n\nText.\n")).toBe(wanted);
    expect(insert("## Configuration")).toBe(`## Configuration\n\n${table}`);
    expect(insert(`## Configuration\n\n## Next\n\n${old}`)).toBe(
      `## Configuration\n\n${table}\n## Next\n\n${old}`,
    );
  });
  it("adds the heading where there is none", () => {
    expect(insert("")).toBe(`## Configuration\n\n${table}`);
    expect(insert("# app")).toBe(`# app\n\n## Configuration\n\n${table}`);
    expect(insert(`# Configuration\n\n${old}`)).toBe(
      `# Configuration\n\n${old}\n## Configuration\n\n${table}`,
    );
  });
  it("sees nothing in code blocks", () => {
    const code = "````md\n## Configuration\n```\n<!-- tenon:config -->\n````\n";
    expect(insert(code)).toBe(`${code}\n## Configuration\n\n${table}`);
    const inSection = `## Configuration\n\n~~~\n## No heading\n| no table |\n~~~\n\n${old}`;
    expect(insert(inSection)).toBe(inSection.replace(old, table));
  });
  it("keeps the line ends of the file", () => {
    const text = `## Configuration\n\n${old}\nText.\n`.replaceAll("\n", "\r\n");
    expect(insert(text)).toBe(`## Configuration\n\n${table}\nText.\n`.replaceAll("\n", "\r\n"));
  });
  it("takes tables literally", () => {
    const dollars = "| `$& $1 $$` |\n";
    expect(insertConfigTable("", dollars, "README.md")).toContain(dollars);
  });
  it.each([
    ["## Configuration\n\nText.\n\n<!-- tenon:config -->\n", 5],
    ["<!-- /tenon:config -->\n", 1],
    ["<!-- /tenon:config -->\n<!-- tenon:config -->\n", 1],
    ["<!-- tenon:config -->\n<!-- tenon:config -->\n<!-- /tenon:config -->\n", 2],
    ["<!-- tenon:config -->\n<!-- /tenon:config -->\n<!-- /tenon:config -->\n", 3],
  ])("refuses markers that are not one pair: %j", (text, line) => {
    expect(() => insertConfigTable(text, table, "README.md")).toThrow(
      expect.objectContaining({
        code: "SCHEMA_README_INVALID",
        diagnostics: [
          expect.objectContaining({ positions: [expect.objectContaining({ line, column: 1 })] }),
        ],
      }),
    );
  });
});

/** Inserts twice: the second time must change nothing. */
function insert(text: string): string {
  const once = insertConfigTable(text, table, "README.md");
  expect(insertConfigTable(once, table, "README.md")).toBe(once);
  return once;
}
