import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import { expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { tempDir } from "../support/temp-dir.ts";

it("generate.mjs --check fails where the documentation is not up to date, and writes nothing", async () => {
  const { generate } = (await import(pathToFileURL(repoPath("scripts/generate.mjs")).href)) as {
    readonly generate: (options: { check?: boolean; folder: string }) => Promise<void>;
  };
  await using dir = await tempDir();
  await generate({ folder: dir.path });
  const errors = dir.file("errors.md");
  await dir.write({ "errors.md": `${await readFile(errors, "utf8")}changed\n` });
  const check = generate({ check: true, folder: dir.path });
  await expect(check).rejects.toThrow(`${errors} is not up to date: run npm run generate`);
  expect(await readFile(errors, "utf8")).toMatch(/changed\n$/);
});
