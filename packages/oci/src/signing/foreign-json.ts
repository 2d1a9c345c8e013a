import { Rejection } from "./rejection.ts";

/** A JSON object that somebody else wrote. */
export type ForeignObject = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON object.
 *
 * @throws Rejection
 */
export function parseJson(bytes: Uint8Array | string, what: string): ForeignObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new Rejection(`${what} is not JSON`, cause);
  }
  const [object] = records([value]);
  if (object === undefined) throw new Rejection(`${what} is not a JSON object`);
  return object;
}

/** The objects of a list. */
export function records(value: unknown): ForeignObject[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item) => typeof item === "object" && item !== null && !Array.isArray(item));
}

/** A member that is an object; an empty one where it is not. */
export function member(object: ForeignObject, name: string): ForeignObject {
  return records([object[name]])[0] ?? {};
}

/** A text; nothing where it is something else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Bytes in base64; none where it is something else. */
export function base64(value: unknown): Buffer {
  return Buffer.from(text(value) ?? "", "base64");
}

/** Bytes in hexadecimal as base64; none where it is something else. */
export function hexToBase64(value: unknown): string {
  return Buffer.from(text(value) ?? "", "hex").toString("base64");
}
