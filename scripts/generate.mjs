// Writes the documentation that is generated from code: docs/commands.md and docs/errors.md.
// With --check nothing is written, and it fails where they are not up to date.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { loadCommandData } from "./build/cli.mjs";
import { repoRoot } from "./lib/cache.mjs";
import { errorCodes } from "./lib/error-codes.mjs";

const docs = path.join(repoRoot, "docs");

/** Writes the generated documentation, or only tells whether what is there is up to date. */
export async function generate({ check = false, folder = docs } = {}) {
  const { reference, badInputCodes } = await loadCommandData();
  const texts = { "commands.md": reference, "errors.md": await errorReference(badInputCodes) };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(texts)) {
    const file = path.join(folder, name);
    if (!check) await writeFile(file, text);
    else if ((await readFile(file, "utf8")) !== text) {
      throw new Error(`${file} is not up to date: run npm run generate`);
    }
  }
}

async function errorReference(badInputCodes) {
  const sections = [];
  const known = new Set();
  for (const { name, codes } of await errorCodes()) {
    for (const { code } of codes) known.add(code);
    const rows = codes.map(
      ({ code, text }) =>
        `| \`${code}\` | ${badInputCodes.has(code) ? 2 : 1} | ${text.replaceAll("<", "&lt;")} |`,
    );
    const header = ["| Code | Exit code | Meaning |", "| --- | --- | --- |"];
    sections.push([`## @tenon/${name}`, "", ...header, ...rows].join("\n"));
  }
  const gone = [...badInputCodes].filter((code) => !known.has(code));
  if (gone.length > 0) throw new Error(`exit-code.ts names unknown codes: ${gone.join(", ")}`);
  const intro = [
    "# Error codes",
    "This file is generated from the `errors.ts` files of the packages by `npm run generate`.",
    "Codes are public API: they are printed after a message, and `-o json` prints them as `error.code`.",
  ];
  return `${[...intro, ...sections].join("\n\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await generate({ check: process.argv.includes("--check") });
}
