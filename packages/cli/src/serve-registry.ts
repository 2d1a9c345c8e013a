import { readFile, stat } from "node:fs/promises";

import { messageOf, printable } from "@tenon/core";
import type { ServeRegistryOptions, ServerCredentials } from "@tenon/oci";

import type { CommandContext } from "./context.ts";
import { CliError, usageError } from "./errors.ts";
import { readSecret } from "./read-secret.ts";

/** What `registry serve` is told. */
export interface RunRegistryOptions {
  readonly dir: string | undefined;
  readonly address: string;
  readonly "read-only": boolean;
  readonly username: string | undefined;
  readonly "password-stdin": boolean;
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
}

/** The largest blob of a registry in memory. */
const maxBlobInMemory = 1024 ** 3;

/** Runs a registry until the command is interrupted. */
export async function runRegistry(
  options: RunRegistryOptions,
  context: CommandContext,
): Promise<void> {
  const { createLayoutRegistry, createMemoryRegistry, serveRegistry } = await import("@tenon/oci");
  const { talk, signal } = context;
  const served = await serverOptions(options, context);
  const registry =
    options.dir === undefined ? createMemoryRegistry() : createLayoutRegistry(options.dir);
  await using server = await serveRegistry(registry, {
    ...served,
    ...(options.dir === undefined && { maxBlobBytes: maxBlobInMemory }),
    onRequest: ({ method, path, status }) => talk.say(printable(`${method} ${path} ${status}`)),
  });
  const where = options.dir === undefined ? "memory" : options.dir;
  const how = options["read-only"] ? ", read-only" : "";
  // Nobody can name an artifact at the address that stands for all.
  const host = server.host.replace(/^(0\.0\.0\.0|\[::\])/, "localhost");
  context.io.stdout.write(`serving oci://${host} from ${where}${how}\n`);
  talk.say("Stop it with Ctrl-C");
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function serverOptions(
  options: RunRegistryOptions,
  context: CommandContext,
): Promise<ServeRegistryOptions> {
  const address = parseAddress(options.address);
  if (options["read-only"]) await checkReadable(options.dir);
  const credentials = await readCredentials(options, context);
  const tls = await readTls(options);
  if (credentials !== undefined && tls === undefined && !isLoopback(address.host)) {
    context.talk.warn("The password crosses the network in plain text: give --tls-cert too");
  }
  return { ...address, credentials, tls, readOnly: options["read-only"] };
}

async function checkReadable(dir: string | undefined): Promise<void> {
  if (dir === undefined) {
    throw usageError(command, "--read-only serves what a folder has: give --dir too");
  }
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw usageError(command, `--read-only has nothing to serve: ${dir} is no folder`);
  }
}

async function readCredentials(
  options: RunRegistryOptions,
  { io }: CommandContext,
): Promise<ServerCredentials | undefined> {
  const { username } = options;
  if (username === undefined) {
    if (options["password-stdin"]) throw usageError(command, "--password-stdin needs --username");
    return undefined;
  }
  if (username === "" || username.includes(":")) {
    throw usageError(command, "--username must not be empty or have a colon");
  }
  const password = options["password-stdin"]
    ? await readSecret(io)
    : io.env["TENON_REGISTRY_PASSWORD"];
  if (password === undefined || password === "") {
    const message = "--username needs a password: set TENON_REGISTRY_PASSWORD or --password-stdin";
    throw usageError(command, message);
  }
  return { username, password };
}

async function readTls(options: RunRegistryOptions): Promise<ServeRegistryOptions["tls"]> {
  const { "tls-cert": cert, "tls-key": key } = options;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw usageError(command, "--tls-cert and --tls-key go together");
  }
  return { cert: await readPem("tls-cert", cert), key: await readPem("tls-key", key) };
}

async function readPem(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw usageError(command, `--${flag} cannot be read: ${messageOf(error)}`);
  }
}

const command = "registry serve";

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

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
