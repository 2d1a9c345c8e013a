import { homedir } from "node:os";

import type { CommandContext } from "./context.ts";

/** The environment variables and the home folder of the user. */
export function environmentOf({ io }: Pick<CommandContext, "io">): {
  env: CommandContext["io"]["env"];
  home: string;
} {
  return { env: io.env, home: io.env["HOME"] || homedir() };
}
