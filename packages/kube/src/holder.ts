import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

import { timestamp } from "./clock.ts";
import type { Holder } from "./record.ts";

/** Who runs: one process on one machine. */
export interface HolderIdentity {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

/** A holder that does not renew for this long is taken for dead. */
export const holderLifetime = 15_000;

/** How often a holder renews. */
export const holderRenewal = 5000;

/**
 * The identity of this process. The host names the boot and the process namespace too, so that a
 * process id is only looked up where it means the same process.
 */
export function localHolder(): HolderIdentity {
  const boot = tryRead(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const namespace = tryRead(() => readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, ""));
  const host = [hostname(), boot?.slice(0, 13), namespace].filter(Boolean).join("/");
  return { id: randomUUID(), host, pid: process.pid };
}

/** `process 7 on build-3`: of the host, its name alone is for people. */
export function holderText({ pid, host }: HolderIdentity): string {
  return `process ${pid} on ${host.split("/", 1)[0]}`;
}

/** The holder entry that an identity writes now. */
export function holderEntry(identity: HolderIdentity, since: string, now: number): Holder {
  const { id, host, pid } = identity;
  return { id, host, pid, since, expires: timestamp(now + holderLifetime) };
}

/** Tells whether the holder may still be at work; a dead process on our own machine is not. */
export function isAlive(holder: Holder, identity: HolderIdentity, now: number): boolean {
  if (Date.parse(holder.expires) <= now) return false;
  return holder.host !== identity.host || processExists(holder.pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function tryRead(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
