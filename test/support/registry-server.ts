import { once } from "node:events";

import { eventually } from "./eventually.ts";
import { startProcess } from "./run-process.ts";
import { cleanEnvironment, tenonBin } from "./tenon.ts";

/** How to run `tenon registry serve`. */
export interface RegistryServerOptions {
  /** Flags beside the address. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command to run first in the same process, such as one that sets a limit. */
  readonly before?: string;
}

/** A registry server of its own process. */
export interface RegistryServerProcess extends AsyncDisposable {
  readonly host: string;
  /** What it printed on stderr so far. */
  stderr(): string;
  /** Ends it at once, as a failure of power would. */
  kill(): Promise<void>;
}

/** Starts the packed `tenon registry serve` on a free port. */
export async function startRegistryServer(
  options: RegistryServerOptions = {},
): Promise<RegistryServerProcess> {
  const args = ["registry", "serve", "--address", "127.0.0.1:0", ...(options.flags ?? [])];
  const script = `${options.before ?? ":"}; exec "$0" "$@"`;
  const running = startProcess("bash", ["-c", script, process.execPath, tenonBin, ...args], {
    env: { ...cleanEnvironment(), ...options.env },
    timeoutMs: 300_000,
  });
  const ended = once(running.child, "exit");
  // Who waits for the address learns that it ended; nobody else waits.
  running.result.catch(() => undefined);
  const host = await eventually(() => addressOf(running.stdout(), running.child.exitCode), {
    what: "tenon registry serve",
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running.child.kill(signal);
    await ended;
  };
  return {
    host,
    stderr: () => running.stderr(),
    kill: () => end("SIGKILL"),
    [Symbol.asyncDispose]: () => end("SIGTERM"),
  };
}

function addressOf(stdout: string, exitCode: number | null): string | undefined {
  if (exitCode !== null) throw new Error(`tenon registry serve ended with ${exitCode}`);
  return /oci:\/\/(\S+)/.exec(stdout)?.[1];
}
