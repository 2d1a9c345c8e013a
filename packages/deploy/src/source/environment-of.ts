import { homedir } from "node:os";

import type { DeployContext } from "../context.ts";

/** What looks for a user's files is given: the environment, and the home folder that it names. */
export function environmentOf({ env }: Pick<DeployContext, "env">): {
  readonly env: DeployContext["env"];
  readonly home: string;
} {
  return { env, home: env["HOME"] || homedir() };
}
