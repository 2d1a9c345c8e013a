import { readFile } from "node:fs/promises";

/** A code block of a document: commands, or what they print. */
export interface ShellBlock {
  /** Number of its first line in the document. */
  readonly line: number;
  readonly text: string;
}

/** Commands that set up the checkout; the build of the repository itself runs them. */
const setUp = /^(npm start|npm test)$/;

/** The `sh` blocks of a Markdown file, in order. Blocks of other languages are illustrations. */
export async function shellBlocks(file: string): Promise<ShellBlock[]> {
  return blocksOf(file, "sh");
}

/** The `console printed` blocks of a Markdown file: what its commands print, lines in one piece. */
export async function printedBlocks(file: string): Promise<ShellBlock[]> {
  return blocksOf(file, "console printed");
}

async function blocksOf(file: string, info: string): Promise<ShellBlock[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const blocks: ShellBlock[] = [];
  let open: { line: number; indent: number; text: string[] } | undefined;
  for (const [index, line] of lines.entries()) {
    if (open === undefined) {
      if (line.trim() === `\`\`\`${info}`) {
        open = { line: index + 2, indent: line.search(/\S/), text: [] };
      }
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
