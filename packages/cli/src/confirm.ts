import type { CommandContext } from "./context.ts";

/** Shows on stderr what would be done, and asks whether to do it. */
export async function confirm(
  plan: readonly string[],
  question: string,
  { io, talk }: CommandContext,
): Promise<boolean> {
  talk.clear();
  io.stderr.write(`${[...plan, question].join("\n")} [y/N] `);
  return /^y(es)?$/i.test((await io.readLine()).trim());
}
