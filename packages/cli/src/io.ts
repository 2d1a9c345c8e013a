import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** A stream of text that a command writes to. */
export interface Sink {
  readonly isTTY: boolean;
  /** Width of the terminal; 80 where it is unknown. */
  readonly columns: number;
  write(text: string): void;
}

/** How a line is read. */
export interface ReadLineOptions {
  /** What is typed is not shown. */
  readonly hidden?: boolean;
}

/** All that a command knows of the process that it runs in. */
export interface Io {
  /** Takes data. */
  readonly stdout: Sink;
  /** Takes everything else. */
  readonly stderr: Sink;
  /** Reads standard input to its end. */
  readonly stdin: () => Promise<Uint8Array>;
  readonly stdinIsTTY: boolean;
  /** Reads a line of standard input, without its end; what is already at its end gives nothing. */
  readonly readLine: (options?: ReadLineOptions) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

/** What a signal handler aborts with. */
export class Interrupted extends Error {
  constructor() {
    super("Interrupted");
    this.name = "Interrupted";
  }
}

/** The streams and the environment of this process. */
export function processIo(signal: AbortSignal): Io {
  return {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin: readStdin,
    stdinIsTTY: isTerminal(process.stdin),
    readLine: (options) => readLine(signal, options),
    env: process.env,
    signal,
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    isTTY: isTerminal(stream),
    get columns() {
      return stream.columns || 80;
    },
    write: (text) => void stream.write(text),
  };
}

async function readLine(
  signal: AbortSignal,
  { hidden = false }: ReadLineOptions = {},
): Promise<string> {
  // A terminal that readline drives shows only what readline writes to its output.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { stdin: input } = process;
  const lines = createInterface(hidden ? { input, output: silent, terminal: true } : { input });
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve).once("close", () => resolve(""));
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    lines.close();
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Node leaves `isTTY` out where it is not true, whatever its types say. */
function isTerminal({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true;
}
