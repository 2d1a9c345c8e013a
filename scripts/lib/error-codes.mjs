// The codes of errors, read from the `errors.ts` files of the packages.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

import { exists, repoRoot } from "./cache.mjs";

/** The codes of each package that has any, sorted, each with what it means. */
export async function errorCodes() {
  const packages = [];
  for (const name of (await readdir(path.join(repoRoot, "packages"))).sort()) {
    const codes = await codesOf(path.join(repoRoot, "packages", name, "src"));
    codes.sort((a, b) => (a.code < b.code ? -1 : 1));
    if (codes.length > 0) packages.push({ name, codes });
  }
  return packages;
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
