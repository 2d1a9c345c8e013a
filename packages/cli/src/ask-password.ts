import type { CommandContext } from "./context.ts";
import { usageError } from "./errors.ts";

/** For what a password is needed. */
export interface PasswordRequest {
  /** The command that asks. */
  readonly command: string;
  /** It is a new one, which is typed twice. */
  readonly isNew?: boolean;
}

/**
 * Gives the password of a private key: that of `TENON_KEY_PASSWORD`, else of `COSIGN_PASSWORD`, else what is
 * typed on the terminal.
 *
 * @throws CliError `CLI_USAGE`
 */
export async function askPassword(
  { io, talk }: Pick<CommandContext, "io" | "talk">,
  { command, isNew = false }: PasswordRequest,
): Promise<string> {
  const known = io.env["TENON_KEY_PASSWORD"] ?? io.env["COSIGN_PASSWORD"];
  if (known !== undefined) return known;
  if (!io.stdinIsTTY) {
    const message = "There is no terminal to ask for the password of the private key on";
    throw usageError(command, message, "Set TENON_KEY_PASSWORD.");
  }
  talk.clear();
  const ask = async (question: string): Promise<string> => {
    io.stderr.write(`${question}: `);
    const answer = await io.readLine({ hidden: true });
    io.stderr.write("\n");
    return answer;
  };
  const password = await ask("Password of the private key");
  if (isNew && (await ask("The same again")) !== password) {
    throw usageError(command, "The two passwords differ");
  }
  return password;
}
