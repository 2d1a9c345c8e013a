import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";

import { messageOf } from "@tenon/core";

import type { ModuleReference, RewrittenImage } from "./desired.ts";
import { KubeError } from "./errors.ts";
import type { InventoryEntry } from "./inventory.ts";

/** Version of the record's JSON that this code writes. It reads every version ever released. */
export const recordVersion = 1;

/** What every record says of itself. */
export interface AnyRecord {
  readonly name: string;
  /** Where the record stands. */
  readonly namespace: string;
  /** Counts finished applies that changed something. */
  readonly revision: number;
}

/** What the cluster knows of an instance beside its objects. */
export interface InstanceRecord extends AnyRecord {
  readonly bundle?: string | undefined;
  /** The state that was last reached; absent until the first apply has finished. */
  readonly applied?: AppliedState | undefined;
  /** The state that an apply is on its way to, or was when it ended. */
  readonly pending?: PendingState | undefined;
}

/** A state that was reached. */
export interface AppliedState {
  readonly module: ModuleReference;
  readonly values?: string | undefined;
  readonly images: readonly string[];
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
  readonly inventory: readonly InventoryEntry[];
  /** The module's health checks, as data of whoever evaluates them. */
  readonly healthChecks?: unknown;
  /** Every object was seen to be ready; absent after an apply that did not wait. */
  readonly ready?: true | undefined;
  /** RFC 3339. */
  readonly at: string;
}

/** A state that is not reached yet. */
export interface PendingState {
  readonly operation: "apply" | "delete";
  readonly module: ModuleReference;
  readonly values?: string | undefined;
  readonly images: readonly string[];
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
  readonly inventory: readonly InventoryEntry[];
  /** As in {@link AppliedState}. */
  readonly healthChecks?: unknown;
  /** RFC 3339. */
  readonly since: string;
  /** Why the run ended before its end, when it could still say so. */
  readonly error?: RunFailure | undefined;
}

/** Why a run ended before its end. */
export interface RunFailure {
  /** Of a {@link KubeError}, else `ABORTED`. */
  readonly code: string;
  readonly message: string;
}

/** Who is changing an instance. */
export interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339; past it the holder is taken for dead. */
  readonly expires: string;
}

/** A record as the bytes that its Secret holds. */
export interface EncodedRecord {
  readonly encoding: "json" | "gzip";
  readonly bytes: Uint8Array;
}

/** Smaller records stay readable with kubectl and jq. */
const gzipAbove = 8 * 1024;

/** A damaged record must not take all memory. */
const largestRecord = 256 * 1024 * 1024;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Writes a record. */
export async function encodeRecord(record: AnyRecord): Promise<EncodedRecord> {
  const bytes = Buffer.from(JSON.stringify({ version: recordVersion, ...record }), "utf8");
  if (bytes.length <= gzipAbove) return { encoding: "json", bytes };
  return { encoding: "gzip", bytes: await zip(bytes, { level: 9 }) };
}

/**
 * Reads a record of any released version.
 *
 * @throws KubeError `KUBE_RECORD_INVALID`
 */
export async function decodeRecord<R extends AnyRecord = InstanceRecord>(
  encoded: EncodedRecord,
  where: string,
): Promise<R> {
  let parsed: AnyRecord & { readonly version: number };
  try {
    const bytes =
      encoded.encoding === "gzip"
        ? await unzip(encoded.bytes, { maxOutputLength: largestRecord })
        : encoded.bytes;
    parsed = JSON.parse(Buffer.from(bytes).toString("utf8")) as typeof parsed;
  } catch (cause) {
    throw invalidRecord(where, "its content is damaged", cause);
  }
  const { version, ...record } = parsed;
  if (version > recordVersion) {
    throw invalidRecord(
      where,
      `it has version ${version} and this Tenon reads up to ${recordVersion}`,
    );
  }
  if (version !== 1 || typeof record.name !== "string" || typeof record.revision !== "number") {
    throw invalidRecord(where, "it is no record of Tenon");
  }
  return record as unknown as R;
}

/** What the record keeps of an error: it must stay small. */
export function failureOf(error: unknown): RunFailure {
  const code = error instanceof KubeError ? error.code : "ABORTED";
  return { code, message: messageOf(error).slice(0, 2000) };
}

/** The error for a record that cannot be used. */
export function invalidRecord(where: string, reason: string, cause?: unknown): KubeError {
  return new KubeError("KUBE_RECORD_INVALID", `Cannot read record ${where}: ${reason}`, {
    hint: reason.includes("version") ? "Use a newer Tenon" : `kubectl get ${where} -o yaml`,
    cause,
  });
}
