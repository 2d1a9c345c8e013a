// Writes the documentation that is generated from code: docs/commands.md and docs/errors.md.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { loadCommandData } from "./build/cli.mjs";
import { repoRoot } from "./lib/cache.mjs";
import { errorCodes } from "./lib/error-codes.mjs";

const docs = path.join(repoRoot, "docs");

/** Writes the generated documentation. */
export async function generate() {
  const { reference, badInputCodes } = await loadCommandData();
  await mkdir(docs, { recursive: true });
  await writeFile(path.join(docs, "commands.md"), reference);
  await writeFile(path.join(docs, "errors.md"), await errorReference(badInputCodes));
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
