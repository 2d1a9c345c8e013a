import { readFile } from "node:fs/promises";

/** A code block of a document. */
export interface ShellBlock {
  /** Line of its first command. */
  readonly line: number;
  readonly text: string;
}

/** Commands that set up the checkout; the build of the repository itself runs them. */
const setUp = /^(npm start|npm test)$/;

/** The `sh` blocks of a Markdown file, in order. Blocks of other languages are illustrations. */
export async function shellBlocks(file: string): Promise<ShellBlock[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const blocks: ShellBlock[] = [];
  let open: { line: number; indent: number; text: string[] } | undefined;
  for (const [index, line] of lines.entries()) {
    if (open === undefined) {
      const fence = /^( *)```sh$/.exec(line.trimEnd());
      if (fence) open = { line: index + 2, indent: (fence[1] ?? "").length, text: [] };
    } else if (line.trim() === "```") {
      blocks.push({ line: open.line, text: open.text.join("\n") });
      open = undefined;
    } else if (!setUp.test(line.trim())) {
      open.text.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
    }
  }
  return blocks.filter(({ text }) => text.trim() !== "");
}

/** One bash script of all blocks. It says on stderr where it failed, and ends what it started with `&`. */
export function scriptOf(name: string, blocks: readonly ShellBlock[]): string {
  const head = `set -euo pipefail
trap 'echo "failed in $at: $BASH_COMMAND" >&2' ERR
trap 'kill $(jobs -p) 2>&- || true' EXIT
`;
  return head + blocks.map(({ line, text }) => `at=${name}:${line}\n${text}\n`).join("");
}
