import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { keepEvidence } from "./keep-evidence.ts";

describe("keepEvidence()", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "tenon-evidence-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const about = (second: number) => ({
    instance: "web",
    namespace: "apps",
    at: new Date(Date.UTC(2026, 0, 1, 12, 0, second)),
  });

  it("writes a file that only the user may read, in a folder that it makes", async () => {
    const folder = path.join(root, "a", "b");
    const file = await keepEvidence(folder, about(0), { found: 1 });
    expect(path.basename(file)).toMatch(/^20260101T120000\.000Z-apps-web-[0-9a-f]{4}\.json$/);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ found: 1 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it("keeps the newest 50, and what is not its own", async () => {
    await writeFile(path.join(root, "notes.json"), "{}");
    for (let second = 0; second < 53; second++) await keepEvidence(root, about(second), {});
    const names = (await readdir(root)).toSorted();
    expect(names).toHaveLength(51);
    expect(names[0]).toContain("T120003");
    expect(names.at(-1)).toBe("notes.json");
  });
});
