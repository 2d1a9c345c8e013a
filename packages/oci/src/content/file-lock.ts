import { randomBytes } from "node:crypto";
import { type FileHandle, open, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { OciError } from "../errors.ts";
import { hasErrno, isMissing } from "./node-file.ts";

const patience = 30_000;
const staleAfter = 20_000;
const queues = new Map<string, Promise<void>>();

/** A lock that is held. */
export interface HeldLock {
  /**
   * Fails when another process has taken the lock over because this one stood still for too long.
   *
   * @throws OciError `OCI_OUTPUT_UNWRITABLE`
   */
  check(): Promise<void>;
}

/**
 * Runs a step while no other process, and no other step of this one, holds the lock file, which lies in
 * a folder that is there. Waits 30 seconds for it. A lock that a dead process left behind is taken over,
 * and so is that of a process that stood still for 20 seconds: a step checks it last before it changes
 * what others see.
 *
 * @throws OciError `OCI_OUTPUT_UNWRITABLE` when another process holds it
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  step: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const turn = (queues.get(path) ?? Promise.resolve()).then(async () => {
    const owner = await acquire(path, signal);
    const beat = setInterval(() => void touch(path), staleAfter / 4).unref();
    try {
      return await step({
        check: async () => {
          if ((await readOwner(path)) !== owner) throw busy(path);
        },
      });
    } finally {
      clearInterval(beat);
      await release(path, owner);
    }
  });
  const settled = turn.then(
    () => undefined,
    () => undefined,
  );
  queues.set(path, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

async function acquire(path: string, signal: AbortSignal | undefined): Promise<string> {
  const owner = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    id: randomBytes(8).toString("hex"),
  });
  const deadline = Date.now() + patience;
  for (let pause = 2; ; pause = Math.min(pause * 1.5, 50)) {
    signal?.throwIfAborted();
    if (await create(path, owner)) return owner;
    if (await isStale(path)) await breakLock(path);
    else if (Date.now() > deadline) throw busy(path);
    else await wait(pause);
  }
}

/** Makes the lock file; false if there is one already. */
async function create(path: string, owner: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, "wx");
  } catch (error) {
    if (hasErrno(error, "EEXIST")) return false;
    throw error;
  }
  try {
    await file.writeFile(owner);
    return true;
  } catch (error) {
    // On a full disk it has no owner, and would be in the way.
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Shows that the owner of the lock is alive. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  // Where it is gone, the check says so.
  await utimes(path, now, now).catch(() => undefined);
}

async function release(path: string, owner: string): Promise<void> {
  if ((await readOwner(path)) === owner) await rm(path, { force: true });
}

async function isStale(path: string): Promise<boolean> {
  const age = await ageOf(path);
  if (age === undefined) return false;
  if (age > staleAfter) return true;
  const text = await readOwner(path);
  const owner = text === undefined ? undefined : parseOwner(text);
  return owner !== undefined && owner.host === hostname() && !isAlive(owner.pid);
}

/** Only one process at a time may judge and remove a stale lock, or it could remove a fresh one. */
async function breakLock(path: string): Promise<void> {
  const guard = `${path}.break`;
  try {
    await writeFile(guard, "", { flag: "wx" });
  } catch (error) {
    if (!hasErrno(error, "EEXIST")) throw error;
    if (((await ageOf(guard)) ?? 0) > staleAfter) await rm(guard, { force: true });
    await wait(10);
    return;
  }
  try {
    if (await isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readOwner(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function parseOwner(text: string): { pid: number; host: string } | undefined {
  try {
    const { pid, host } = JSON.parse(text) as { pid: unknown; host: unknown };
    return typeof pid === "number" && typeof host === "string" ? { pid, host } : undefined;
  } catch {
    // Its owner is just writing it.
    return undefined;
  }
}

/** Tells whether a process of this host runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrno(error, "EPERM");
  }
}

function busy(path: string): OciError {
  return new OciError(
    "OCI_OUTPUT_UNWRITABLE",
    `Cannot write ${dirname(path)}: another process writes it and holds ${path}`,
    { hint: "Wait for the other process to end" },
  );
}
