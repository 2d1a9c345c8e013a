import type { FormattedFile } from "@tenon/schema";

import type { CommandContext } from "../context.ts";
import { errorData } from "./bundle-failures.ts";
import type { Paint } from "./paint.ts";
import { unifiedDiff } from "./unified-diff.ts";

const stdin = "-";

/**
 * What `fmt` prints on stdout: the text of standard input when files are written, else the
 * differences or the names of the files that differ.
 */
export function formatText(
  files: readonly FormattedFile[],
  only: "diff" | "list" | undefined,
  { talk, paint }: Pick<CommandContext, "talk" | "paint">,
): string {
  const changed = files.filter(differs);
  if (only === "list") return changed.map(({ name }) => `${name}\n`).join("");
  if (only === "diff") return changed.map((file) => `${painted(diffOf(file), paint)}\n`).join("");
  for (const { name } of changed) if (name !== stdin) talk.say(`formatted ${name}`);
  return files.find(({ name }) => name === stdin)?.texts?.after ?? "";
}

/** What `fmt` prints as JSON and YAML. */
export function formatData(files: readonly FormattedFile[]): unknown {
  return {
    files: files.map((file) => ({
      path: file.name,
      changed: differs(file),
      ...(differs(file) && { diff: diffOf(file) }),
      ...(file.name === stdin && file.texts && { text: file.texts.after }),
      ...(file.error && {
        error: { ...(errorData(file.error) as object), diagnostics: file.error.diagnostics },
      }),
    })),
  };
}

/** Tells whether a file is not in the standard format. */
export function differs({ texts }: FormattedFile): boolean {
  return texts !== undefined && texts.before !== texts.after;
}

function diffOf({ name, texts }: FormattedFile): string {
  return texts === undefined ? "" : changeDiff(name, texts);
}

/** The difference that a change makes to a file. */
export function changeDiff(
  name: string,
  { before, after }: { readonly before: string; readonly after: string },
): string {
  return unifiedDiff({ name: `${name}.orig`, text: before }, { name, text: after });
}

/** Colours the lines of a difference. */
export function painted(diff: string, paint: Paint): string {
  return diff.replace(/^.*$/gm, (line) => {
    if (line.startsWith("@@")) return paint.cyan(line);
    if (line.startsWith("+")) return paint.green(line);
    return line.startsWith("-") ? paint.red(line) : line;
  });
}
