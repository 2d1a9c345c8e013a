// Runs in a worker thread: one engine, one request at a time.
import { parentPort, workerData } from "node:worker_threads";

import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  engine_alloc(size: number): number;
  engine_handle(headerSize: number, bodySize: number): bigint;
}

const { module } = workerData as { module: WebAssembly.Module };
const errors: string[] = [];
const sink = ConsoleStdout.lineBuffered((line) => {
  if (errors.length < 50) errors.push(line);
});
// The loader looks for a module's files in the host's file system too: there is nothing in it.
const emptyRoot = new PreopenDirectory("/", new Map());
const wasi = new WASI([], [], [new OpenFile(new File([])), sink, sink, emptyRoot], {
  debug: false,
});
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
const engine = instance.exports as unknown as Exports;
wasi.initialize(instance as unknown as Parameters<typeof wasi.initialize>[0]);

parentPort!.on("message", (frame: Uint8Array) => {
  try {
    parentPort!.postMessage({ frame: handle(frame) });
  } catch (error) {
    parentPort!.postMessage({ exit: [...errors, String(error)].join("\n") });
  }
});

function handle(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const address = engine.engine_alloc(frame.length - 8);
  new Uint8Array(engine.memory.buffer, address).set(frame.subarray(8));
  const answer = engine.engine_handle(view.getUint32(0, true), view.getUint32(4, true));
  const start = Number(BigInt.asUintN(32, answer >> 32n));
  return new Uint8Array(engine.memory.buffer, start, Number(BigInt.asUintN(32, answer))).slice();
}
