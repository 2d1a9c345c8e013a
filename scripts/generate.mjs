// Writes the documentation that is generated from code: docs/commands.md and docs/errors.md.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { loadCommandData } from "./build/cli.mjs";
import { exists, repoRoot } from "./lib/cache.mjs";

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
  for (const name of (await readdir(path.join(repoRoot, "packages"))).sort()) {
    const codes = await codesOf(path.join(repoRoot, "packages", name, "src"));
    if (codes.length === 0) continue;
    for (const { code } of codes) known.add(code);
    const rows = codes
      .sort((a, b) => (a.code < b.code ? -1 : 1))
      .map(
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

/** Codes are unions of literals named …ErrorCode; core, which has none, throws its codes itself. */
async function codesOf(folder) {
  const file = path.join(folder, "errors.ts");
  if (await exists(file)) return unionCodes(await readFile(file, "utf8"));
  const codes = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
    const source = await readFile(path.join(folder, name), "utf8");
    for (const match of source.matchAll(/new TenonError\(\s*"(\w+)",\s*[`"](.*?)[`"]/gs)) {
      codes.push({ code: match[1], text: reasonOf(match[2]) });
    }
  }
  return codes;
}

function unionCodes(source) {
  const union = /export type \w+ErrorCode =([\s\S]*?");/.exec(source)?.[1] ?? "";
  return [...union.matchAll(/(?:\/\*\*\s*((?:(?!\*\/)[\s\S])*?)\s*\*\/\s*)?\|?\s*"(\w+)"/g)].map(
    ([, comment = "", code]) => ({ code, text: comment.replace(/\s*\n\s*\*?\s*/g, " ") }),
  );
}

/** What stands after the colon of a message that names a value. */
function reasonOf(message) {
  const reason = message.slice(message.lastIndexOf(": ") + 2);
  return `${reason[0].toUpperCase()}${reason.slice(1)}.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
