import { readFile } from "node:fs/promises";

import { createEngine, type Engine } from "@tenon/cue-wasm";
import { formatFiles, readFiles } from "@tenon/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { unifiedDiff } from "../../../packages/cli/src/render/unified-diff.ts";
import { repoPath } from "../../support/repo.ts";
import { outputOf } from "../../support/run-process.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { needs, toolPath } from "../../support/tools.ts";

const { missing, reason } = needs("TENON_TEST_CUE");
const stdin = (): Promise<Uint8Array> => Promise.reject(new Error("nobody asked for it"));

describe.each(["native", "wasm"] as const)("formatFiles() on the %s engine", (kind) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ kind });
  });
  afterAll(() => engine.close());

  it.skipIf(missing)(`gives what cue fmt gives${reason}`, async () => {
    await using dir = await tempDir();
    const files = await untidyFiles();
    await dir.write(files);
    const diff = await outputOf(toolPath("TENON_TEST_CUE"), ["fmt", "--files", "--diff", "."], {
      cwd: dir.path,
    });
    const formatted = await formatFiles(engine, { paths: [dir.path], stdin, write: true });
    const diffs = formatted.map(({ name, texts }) => {
      const inner = name.slice(dir.path.length + 1);
      return `${unifiedDiff({ name: `${inner}.orig`, text: texts!.before }, { name: inner, text: texts!.after })}\n`;
    });
    expect(diffs.join("")).toBe(diff);
    expect(diffs.length).toBeGreaterThan(60);
    await outputOf(toolPath("TENON_TEST_CUE"), ["fmt", "--files", "--check", "."], {
      cwd: dir.path,
    });
  });

  it("finds nothing to do in what it wrote", async () => {
    await using dir = await tempDir();
    await dir.write(await untidyFiles());
    const request = { paths: [dir.path], stdin, write: true };
    const [first, second] = [
      await formatFiles(engine, request),
      await formatFiles(engine, request),
    ];
    expect(first.every(({ texts }) => texts !== undefined && texts.before !== texts.after)).toBe(
      true,
    );
    expect(second.filter(({ texts }) => texts?.before !== texts?.after)).toEqual([]);
    for (const { name, texts } of first) expect(await readFile(name, "utf8")).toBe(texts?.after);
  });
});

/** The repository's CUE files with their layout spoilt. */
async function untidyFiles(): Promise<Record<string, string>> {
  const untidy: Record<string, string> = {};
  for (const folder of ["modules/app", "packages/schema/cue"]) {
    for (const [name, content] of (await readFiles(repoPath(folder))).files) {
      if (!name.endsWith(".cue") || name.includes("cue.mod/")) continue;
      const text = Buffer.from(content).toString("utf8");
      untidy[`${folder}/${name}`] = text
        .replace(/^\t+/gm, (tabs) => "  ".repeat(tabs.length))
        .replace(/^( *[a-z]\w*[?!]?:) /gm, "$1    ")
        .replace(/\n\n/g, "\n\n\n")
        .trimEnd();
    }
  }
  return untidy;
}
