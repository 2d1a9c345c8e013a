import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writeSchemaFor } from "./schema-file.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "tenon-schema-file-"));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe("writeSchemaFor()", () => {
  it("keeps the digits of large numbers", async () => {
    const written = await writeSchemaFor(
      path.join(dir, "values.yaml"),
      '{"maximum":9223372036854775807}',
    );
    expect(await readFile(written, "utf8")).toBe('{\n  "maximum": 9223372036854775807\n}\n');
  });
  it("replaces a values file whole, and keeps its mode and a link to it", async () => {
    const file = path.join(dir, "mine.yaml");
    const link = path.join(dir, "values.yaml");
    await writeFile(file, "values: {}\n", { mode: 0o600 });
    await symlink("mine.yaml", link);
    const before = await stat(file);
    await writeSchemaFor(link, "{}");
    const after = await stat(file);
    expect(await readFile(file, "utf8")).toBe(
      "# yaml-language-server: $schema=values.schema.json\n\nvalues: {}\n",
    );
    expect(after.ino).not.toBe(before.ino);
    expect(after.mode).toBe(before.mode);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await readdir(dir)).toSorted()).toEqual([
      "mine.yaml",
      "values.schema.json",
      "values.yaml",
    ]);
  });
});
