import type { CommandContext } from "./context.ts";
import { CliError } from "./errors.ts";

/** Runs a registry until the command is interrupted. */
export async function runRegistry(
  options: { readonly dir: string | undefined; readonly address: string },
  context: CommandContext,
): Promise<void> {
  const { createLayoutRegistry, createMemoryRegistry, serveRegistry } = await import("@tenon/oci");
  const { talk, signal } = context;
  const registry =
    options.dir === undefined ? createMemoryRegistry() : createLayoutRegistry(options.dir);
  await using server = await serveRegistry(registry, {
    ...parseAddress(options.address),
    onRequest: ({ method, path, status }) => talk.say(`${method} ${path} ${status}`),
  });
  const where = options.dir === undefined ? "memory" : options.dir;
  // Nobody can name an artifact at the address that stands for all.
  const host = server.host.replace(/^(0\.0\.0\.0|\[::\])/, "localhost");
  context.io.stdout.write(`serving oci://${host} from ${where}\n`);
  talk.say("Stop it with Ctrl-C");
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([\da-f:]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(address);
  const port = Number(match?.[3] ?? 65_536);
  if (match === null || port > 65_535) {
    throw new CliError(
      "CLI_USAGE",
      `--address cannot be ${JSON.stringify(address)}: expected host:port`,
      { hint: "Write it like 127.0.0.1:5000, or :5000 for every interface" },
    );
  }
  return { host: match[1] ?? (match[2] || "0.0.0.0"), port };
}
