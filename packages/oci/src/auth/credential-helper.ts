import { spawn } from "node:child_process";

import { messageOf } from "@tenon/core";

import { OciError, foreignText } from "../errors.ts";
import type { Credential } from "./credential.ts";

/** Options of a call of a credential helper. */
export interface HelperOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

const timeLimit = 30_000;
const outputLimit = 1024 * 1024;

/** Asks a `docker-credential-*` program for a credential; nothing if it has none. */
export async function getFromHelper(
  helper: string,
  server: string,
  options: HelperOptions,
): Promise<Credential | undefined> {
  const { code, output } = await runHelper(helper, "get", server, options);
  if (code !== 0) {
    if (/credentials not found|no credentials server URL/i.test(output)) return undefined;
    throw failed(helper, "get", output);
  }
  const { Username, Secret } = parseAnswer(helper, output);
  if (typeof Secret !== "string" || Secret === "") return undefined;
  if (Username === "<token>") return { kind: "identity", token: Secret };
  const username = typeof Username === "string" ? Username : "";
  return { kind: "basic", username, password: Secret };
}

/** Gives a credential to a helper to keep. */
export async function storeWithHelper(
  helper: string,
  server: string,
  credential: { readonly username: string; readonly password: string },
  options: HelperOptions,
): Promise<void> {
  const { username: Username, password: Secret } = credential;
  const input = JSON.stringify({ ServerURL: server, Username, Secret });
  const { code, output } = await runHelper(helper, "store", input, options);
  if (code !== 0) throw failed(helper, "store", output);
}

/** Makes a helper forget a credential; that it has none is no failure. */
export async function eraseFromHelper(
  helper: string,
  server: string,
  options: HelperOptions,
): Promise<void> {
  const { code, output } = await runHelper(helper, "erase", server, options);
  if (code !== 0 && !/not found/i.test(output)) throw failed(helper, "erase", output);
}

interface HelperResult {
  readonly code: number | null;
  readonly output: string;
}

async function runHelper(
  helper: string,
  action: "get" | "store" | "erase",
  input: string,
  options: HelperOptions,
): Promise<HelperResult> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(helper))
    throw failed(helper, action, "not a valid name");
  const timeout = AbortSignal.timeout(timeLimit);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  try {
    return await execute(`docker-credential-${helper}`, action, input, { ...options, signal });
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason;
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const why = timeout.aborted
      ? "no answer in time"
      : missing
        ? "not installed"
        : messageOf(cause);
    throw failed(helper, action, why, cause);
  }
}

async function execute(
  program: string,
  action: string,
  input: string,
  options: HelperOptions & { readonly signal: AbortSignal },
): Promise<HelperResult> {
  return new Promise((resolve, reject) => {
    const { env, signal } = options;
    const child = spawn(program, [action], {
      env: { ...env },
      signal,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= outputLimit) chunks.push(chunk);
      else child.kill();
    });
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code, output: Buffer.concat(chunks).toString("utf8") }),
    );
    // A helper may end without reading what it is told.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

function parseAnswer(helper: string, output: string): { Username?: unknown; Secret?: unknown } {
  try {
    return (JSON.parse(output) ?? {}) as { Username?: unknown; Secret?: unknown };
  } catch {
    // The parser's message would quote the answer, and with it the secret.
    throw failed(helper, "get", "its answer is not JSON");
  }
}

function failed(helper: string, action: string, why: string, cause?: unknown): OciError {
  const name = foreignText(helper, 60);
  return new OciError(
    "OCI_CREDENTIALS_INVALID",
    `Cannot ${action} credentials: docker-credential-${name}: ${foreignText(why) || "failed"}`,
    { cause, hint: "Repair the helper, or remove it from credsStore and credHelpers" },
  );
}
