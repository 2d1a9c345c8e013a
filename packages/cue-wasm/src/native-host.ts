import { spawn } from "node:child_process";

import { HostExit, tail, type Host } from "./host.ts";
import { frameLength } from "./protocol.ts";

const exitOutOfMemory = 77;

/**
 * Starts the native helper.
 *
 * @param helper path of the executable
 * @param memoryMiB cap of the helper's memory
 */
export function createNativeHost(helper: string, memoryMiB: number): Host {
  const child = spawn(helper, [String(memoryMiB)], { stdio: ["pipe", "pipe", "pipe"], env: {} });
  let pending: PromiseWithResolve | undefined;
  let exit: HostExit | undefined;
  let stderr = "";
  let chunks: Buffer[] = [];
  let size = 0;

  const fail = (reason: HostExit): void => {
    exit ??= reason;
    pending?.reject(exit);
    pending = undefined;
  };
  child.on("error", (error) => fail(new HostExit(error.message, "unavailable")));
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(0, 10_000);
  });
  child.on("close", (code, signal) => {
    const outOfMemory = code === exitOutOfMemory || stderr.includes("out of memory");
    const why = tail(stderr) || `it ended with ${signal ?? `exit code ${code}`}`;
    fail(new HostExit(why, outOfMemory ? "out-of-memory" : "crashed"));
  });
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (chunks.length > 1 && size < 65_536) chunks = [Buffer.concat(chunks)];
    const wanted = frameLength(
      chunks[0]!.length >= 8 ? chunks[0]! : (chunks = [Buffer.concat(chunks)])[0]!,
    );
    if (wanted === undefined || size < wanted) return;
    const frame = Buffer.concat(chunks);
    [chunks, size] = [[], 0];
    pending?.resolve(frame);
    pending = undefined;
  });
  for (const stream of [child.stdout, child.stderr, child.stdin]) unref(stream);
  child.unref();

  return {
    isAlive: () => exit === undefined,
    call(frame) {
      if (exit) return Promise.reject(exit);
      const { promise, ...settle } = withResolvers();
      pending = settle;
      keepAlive(promise);
      child.stdin.write(frame);
      return promise;
    },
    kill() {
      child.kill("SIGKILL");
    },
  };
}

interface PromiseWithResolve {
  resolve(frame: Uint8Array): void;
  reject(reason: HostExit): void;
}

function withResolvers(): PromiseWithResolve & { promise: Promise<Uint8Array> } {
  let resolve!: PromiseWithResolve["resolve"];
  let reject!: PromiseWithResolve["reject"];
  const promise = new Promise<Uint8Array>((onResolve, onReject) => {
    [resolve, reject] = [onResolve, onReject];
  });
  return { promise, resolve, reject };
}

/** An idle helper must not keep the process up, a busy one must. */
function keepAlive(promise: Promise<unknown>): void {
  const timer = setInterval(() => {}, 1 << 30);
  void promise.then(
    () => clearInterval(timer),
    () => clearInterval(timer),
  );
}

function unref(stream: unknown): void {
  (stream as { unref?: () => void }).unref?.();
}
