import type { CommandContext } from "./context.ts";

/** Reads a secret from standard input, without the end of its line. */
export async function readSecret(io: Pick<CommandContext["io"], "stdin">): Promise<string> {
  return Buffer.from(await io.stdin())
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
