export type { Io, Sink } from "./io.ts";
export { Interrupted, processIo } from "./io.ts";
export type { RunOptions } from "./run.ts";
export { run } from "./run.ts";
