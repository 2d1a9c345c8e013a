import { recordKeys } from "./identity.ts";
import {
  type AnyRecord,
  type Holder,
  type InstanceRecord,
  decodeRecord,
  invalidRecord,
} from "./record.ts";

/** The resource of Secrets, known without discovery. */
export const secrets = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
  verbs: [],
} as const;

/** A record as it stands in the cluster. */
export interface Stored<R extends AnyRecord> {
  readonly record: R;
  readonly holder?: Holder | undefined;
  /** Precondition of the next write. */
  readonly resourceVersion: string;
  /** Precondition of the removal. */
  readonly uid?: string | undefined;
  /** Names of the Secrets that continue it. */
  readonly parts: readonly string[];
  /** RFC 3339. */
  readonly createdAt?: string | undefined;
}

/** The record of an instance as it stands in the cluster. */
export type StoredRecord = Stored<InstanceRecord>;

/** The part of a Secret that records use. */
export interface SecretView {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly uid?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Reads the record that a Secret, and those that continue it, hold. */
export async function parseRecordSecret<R extends AnyRecord>(
  secret: SecretView,
  namespace: string,
  readPart: (name: string) => Promise<SecretView | undefined>,
): Promise<Stored<R>> {
  const where = `secret/${secret.metadata.name} -n ${namespace}`;
  const encoding = text(secret.data?.[recordKeys.encoding]);
  const content = Buffer.from(secret.data?.[recordKeys.record] ?? "", "base64");
  const split = encoding.endsWith("-parts");
  let parts: string[] = [];
  let bytes: Uint8Array = content;
  if (split) {
    parts = JSON.parse(content.toString("utf8")) as string[];
    const chunks = await Promise.all(parts.map(readPart));
    if (chunks.includes(undefined)) throw invalidRecord(where, "a part of it is missing");
    bytes = Buffer.concat(chunks.map((part) => Buffer.from(part?.data?.["chunk"] ?? "", "base64")));
  }
  const format = encoding.replace("-parts", "");
  if (format !== "json" && format !== "gzip") {
    throw invalidRecord(where, `its encoding ${JSON.stringify(encoding)} is unknown`);
  }
  const record = await decodeRecord<R>({ encoding: format, bytes }, where);
  const held = secret.data?.[recordKeys.holder];
  const { resourceVersion, uid, creationTimestamp } = secret.metadata;
  const holder = held === undefined ? undefined : (JSON.parse(text(held)) as Holder);
  return { record, holder, resourceVersion, uid, parts, createdAt: creationTimestamp };
}

/** Text as Secrets hold it. */
export function base64(content: string): string {
  return Buffer.from(content, "utf8").toString("base64");
}

function text(content: string | undefined): string {
  return Buffer.from(content ?? "", "base64").toString("utf8");
}
