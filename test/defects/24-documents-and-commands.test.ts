// Timoni's documents promise what its code does not do. In Tenon every command line in a document is
// one that the program has, with flags that it has; that those in `sh` blocks work is tested by
// running the documents.
import { readFile, readdir } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { spawnTenon } from "../support/tenon.ts";

describe("defect 24", async () => {
  const lines = await documentedLines();

  it("there are command lines in the documents", () => {
    expect(lines.size).toBeGreaterThan(20);
  });

  it.each([...lines])("%s", async (_, words) => {
    const { code, stdout, stderr } = await spawnTenon([...words.command, "--help"]);
    expect(code, stderr).toBe(0);
    for (const flag of words.flags) expect(stdout).toContain(flag);
  });

  it("asking for the help of a command that there is not fails", async () => {
    expect((await spawnTenon(["nothing", "--help"])).code).toBe(2);
    expect((await spawnTenon(["bundle", "nothing", "--help"])).code).toBe(2);
  });
});

interface Words {
  readonly command: readonly string[];
  readonly flags: readonly string[];
}

/** The different commands with their long flags, under the first place that has them. */
async function documentedLines(): Promise<Map<string, Words>> {
  const docs = (await readdir(repoPath("docs"), { recursive: true }))
    .filter((name) => name.endsWith(".md") && !name.startsWith("decisions"))
    .map((name) => `docs/${name}`);
  const found = new Map<string, Words>();
  const seen = new Set<string>();
  for (const file of ["README.md", ...docs.toSorted()]) {
    for (const line of commandLines(await readFile(repoPath(file), "utf8"))) {
      const words = wordsOf(line);
      const key = JSON.stringify(words);
      if (!seen.has(key)) found.set(`${file}: ${line}`, words);
      seen.add(key);
    }
  }
  return found;
}

/** Command lines in code blocks and in `code`. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:sh|console)\n([\s\S]*?)^ *```/gm)].flatMap((match) =>
    match[1]!.replaceAll("\\\n", " ").split("\n"),
  );
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
  return [...blocks, ...inline]
    .map((line) => line.trim().replace(/^\$ /, ""))
    .filter((line) => /^(npx )?tenon [a-z]/.test(line));
}

function wordsOf(line: string): Words {
  const words = line
    .replace(/^npx /, "")
    .split(/ [|>#&]|;/)[0]!
    .split(/\s+/)
    .slice(1);
  const end = words.findIndex((word) => !/^[a-z][a-z0-9-]*$/.test(word));
  const command = commandOf(end === -1 ? words : words.slice(0, end));
  const flags = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split("=")[0]!);
  return { command, flags: flags.toSorted() };
}

/** Groups of commands; what follows them belongs to the command. */
const groups = new Set([
  "artifact",
  "mod",
  "bundle show",
  "mod show",
  "mod vendor",
  "bundle",
  "runtime",
  "registry",
  "trust",
  "inspect",
]);

function commandOf(words: readonly string[]): string[] {
  const command: string[] = [];
  for (const word of words) {
    command.push(word);
    if (!groups.has(command.join(" "))) return command;
  }
  return command;
}
