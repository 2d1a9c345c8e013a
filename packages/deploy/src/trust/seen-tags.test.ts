import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openSeenTags } from "./seen-tags.ts";

describe("openSeenTags()", () => {
  let folder = "";
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), "tenon-seen-")), "tags");
  });
  afterEach(() => rm(path.dirname(folder), { recursive: true }));

  const seen = { digest: sha256(Buffer.from("a")), version: "1.0.0" };

  it("remembers where a tag pointed to, for the user alone", async () => {
    const tags = openSeenTags(folder);
    expect(await tags.find("ghcr.io/a:1.0.0")).toBeUndefined();
    await tags.store("ghcr.io/a:1.0.0", seen);
    expect(await openSeenTags(folder).find("ghcr.io/a:1.0.0")).toMatchObject(seen);
    expect(await tags.find("ghcr.io/a:1.0.1")).toBeUndefined();
    const [name = ""] = await readdir(folder);
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it.each(["", "{", "null", '{"name":"a"}', '{"name":"a","digest":"x","version":"1"}'])(
    "takes a file that holds %j for none",
    async (content) => {
      const tags = openSeenTags(folder);
      await tags.store("a", seen);
      const [name = ""] = await readdir(folder);
      await writeFile(path.join(folder, name), content);
      expect(await tags.find("a")).toBeUndefined();
    },
  );

  it("goes on where nothing can be written", async () => {
    await writeFile(folder, "in the way");
    const tags = openSeenTags(folder);
    await tags.store("a", seen);
    expect(await tags.find("a")).toBeUndefined();
  });

  it("keeps the newest thousand", async () => {
    const tags = openSeenTags(folder);
    await tags.store("first", seen);
    const names = Array.from(
      { length: 1000 },
      (_, index) => `${String(index).padStart(64, "0")}.json`,
    );
    await Promise.all(names.map((name) => writeFile(path.join(folder, name), "{}")));
    await tags.store("last", seen);
    expect(await readdir(folder)).toHaveLength(1000);
    expect(await tags.find("first")).toBeUndefined();
    expect(await tags.find("last")).toBeDefined();
  });
});
