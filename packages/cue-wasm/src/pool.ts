import type { CueSource } from "./evaluation.ts";
import { HostExit, type Host } from "./host.ts";
import { encodeMessage } from "./protocol.ts";

/** One request for any host. */
export interface PoolTask {
  readonly frame: Uint8Array;
  /** Files that the host must hold before the frame is sent. */
  readonly source?: CueSource;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Slot {
  readonly host: Host;
  readonly sources: Set<string>;
}

/** Hosts of one engine: started when needed, at most `size`, replaced when one ends. */
export class HostPool {
  readonly #start: () => Promise<Host>;
  readonly #size: number;
  #idle: Slot[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #closed = false;
  #warm: Promise<Slot> | undefined;

  constructor(start: () => Promise<Host>, size: number) {
    this.#start = start;
    this.#size = Math.max(1, size);
  }

  /** Runs a task on a host of its own. Past the deadline or on abort the host is ended. */
  async run(task: PoolTask): Promise<Uint8Array> {
    task.signal?.throwIfAborted();
    const slot = await this.#take(task.source);
    let keep = false;
    try {
      const answer = await guarded(slot, task);
      keep = true;
      return answer;
    } finally {
      this.#release(slot, keep);
    }
  }

  /** Starts a host for the first task while the caller prepares it. */
  warmUp(): void {
    if (this.#closed || this.#idle.length > 0) return;
    this.#warm ??= this.#open();
    // The task that takes the host learns why it did not start.
    this.#warm.catch(() => {});
  }

  close(): void {
    this.#closed = true;
    void this.#warm?.then(({ host }) => host.kill()).catch(() => {});
    for (const { host } of this.#idle.splice(0)) host.kill();
  }

  async #take(source: CueSource | undefined): Promise<Slot> {
    while (this.#running >= this.#size) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    this.#idle = this.#idle.filter(({ host }) => host.isAlive());
    const index = this.#idle.findIndex(
      ({ sources }) => source !== undefined && sources.has(source.id),
    );
    const slot = index >= 0 ? this.#idle.splice(index, 1)[0] : this.#idle.pop();
    if (slot) return slot;
    const warm = this.#warm;
    this.#warm = undefined;
    try {
      return await (warm ?? this.#open());
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async #open(): Promise<Slot> {
    return { host: await this.#start(), sources: new Set() };
  }

  #release(slot: Slot, keep: boolean): void {
    if (keep && !this.#closed) this.#idle.push(slot);
    else slot.host.kill();
    this.#leave();
  }

  #leave(): void {
    this.#running--;
    this.#waiting.shift()?.();
  }
}

async function guarded(slot: Slot, task: PoolTask): Promise<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HostExit("deadline", "timed-out")), task.deadlineMs);
    onAbort = () => reject(task.signal!.reason as Error);
    task.signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([send(slot, task), stopped]);
  } finally {
    clearTimeout(timer);
    if (onAbort) task.signal?.removeEventListener("abort", onAbort);
  }
}

async function send(slot: Slot, task: PoolTask): Promise<Uint8Array> {
  const { source } = task;
  if (source && !slot.sources.has(source.id)) {
    const files = [...source.files].map(([path, content]) => ({ path, content }));
    const header = {
      op: "add",
      source: source.id,
      files: files.map(({ path, content }) => ({ path, size: content.length })),
    };
    await slot.host.call(
      encodeMessage(
        header,
        files.map(({ content }) => content),
      ),
    );
    slot.sources.add(source.id);
  }
  return slot.host.call(task.frame);
}
