import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";

import { HostExit, tail, type Host } from "./host.ts";
import { capMemory } from "./wasm-memory.ts";

const bytesPerPage = 65_536;

/**
 * Compiles the engine once; every host made of it runs the same machine code.
 *
 * @param file path of `engine.wasm`
 * @param memoryMiB cap of one host's memory
 */
export async function compileEngine(file: string, memoryMiB: number): Promise<WebAssembly.Module> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new HostExit(`${file}: ${error.code}`, "unavailable");
  });
  // The optimizing compiler would compete with the evaluation for the cores: first results come
  // 2.6 times later with it.
  setFlagsFromString("--liftoff-only");
  return WebAssembly.compile(capMemory(bytes, Math.ceil((memoryMiB * 1024 * 1024) / bytesPerPage)));
}

/** Starts a worker thread that runs the engine. A synchronous call cannot be interrupted, a thread can be ended. */
export function createWasmHost(module: WebAssembly.Module, workerFile: string): Host {
  const worker = new Worker(workerFile, { workerData: { module }, stderr: false });
  let settle: { resolve(frame: Uint8Array): void; reject(reason: HostExit): void } | undefined;
  let exit: HostExit | undefined;

  const fail = (reason: HostExit): void => {
    exit ??= reason;
    settle?.reject(exit);
    settle = undefined;
  };
  worker.on("message", (message: { frame?: Uint8Array; exit?: string }) => {
    if (message.frame) {
      settle?.resolve(message.frame);
      settle = undefined;
      worker.unref();
      return;
    }
    const why = message.exit ?? "";
    fail(new HostExit(tail(why), why.includes("out of memory") ? "out-of-memory" : "crashed"));
    void worker.terminate();
  });
  worker.on("error", (error) => fail(new HostExit(error.message)));
  worker.on("exit", (code) => fail(new HostExit(`its thread ended with code ${code}`)));
  worker.unref();

  return {
    isAlive: () => exit === undefined,
    call(frame) {
      if (exit) return Promise.reject(exit);
      worker.ref();
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        worker.postMessage(frame);
      });
    },
    kill() {
      void worker.terminate();
    },
  };
}
