import { setTimeout as delay } from "node:timers/promises";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { formatResult } from "./format-result.ts";

/** How often is looked. */
const interval = 2000;

const clearScreen = "\u001b[H\u001b[2J";

/**
 * Prints a result again and again until the command is interrupted: in place on a terminal, and
 * elsewhere each time that its data has changed.
 */
export async function watchResult(
  look: () => Promise<CommandResult>,
  context: CommandContext,
): Promise<never> {
  const { stdout } = context.io;
  let shown: string | undefined;
  for (;;) {
    const result = await look();
    const data = JSON.stringify(result.data);
    if (stdout.isTTY) stdout.write(`${clearScreen}${await formatResult(result, context.format)}`);
    else if (data !== shown) stdout.write(await formatResult(result, context.format));
    shown = data;
    await pause(context.signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(interval, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
