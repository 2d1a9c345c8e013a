import { gunzipSync } from "node:zlib";

import type { ApiObject } from "./api.ts";

/** The part of an instance record that the checks look at. */
export interface RecordView {
  readonly name: string;
  readonly applied?: Inventory;
  readonly pending?: Inventory;
}

interface Inventory {
  readonly inventory: readonly { readonly kind: string; readonly name: string }[];
}

/** The text of the record that a Secret holds; nothing for any other object. */
export function recordTextOf(object: ApiObject): string | undefined {
  const { type, data } = object as { type?: string; data?: Record<string, string> };
  const record = data?.["record"];
  if (!type?.startsWith("tenon.dev/") || record === undefined) return undefined;
  const bytes = Buffer.from(record, "base64");
  const encoding = Buffer.from(data?.["encoding"] ?? "", "base64").toString();
  return (encoding === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** The record of an instance that a Secret holds. */
export function instanceRecordOf(object: ApiObject): RecordView | undefined {
  if (object["type"] !== "tenon.dev/instance") return undefined;
  const text = recordTextOf(object);
  return text === undefined ? undefined : (JSON.parse(text) as RecordView);
}
