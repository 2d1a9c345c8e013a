import { homedir } from "node:os";

import type { CommandContext } from "./context.ts";

/** Whether an environment variable is set to anything but a word for no. */
export function isSwitchedOn(env: CommandContext["io"]["env"], name: string): boolean {
  return !/^(0|false|off|no)?$/i.test(env[name] ?? "");
}

/** The environment variables and the home folder of the user. */
export function environmentOf({ io }: Pick<CommandContext, "io">): {
  env: CommandContext["io"]["env"];
  home: string;
} {
  return { env: io.env, home: io.env["HOME"] || homedir() };
}
