import type { IncomingMessage } from "node:http";

/** The content of a request. Who stops early leaves the connection as it is, for an answer. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** The size that a request names for its content. */
export function lengthOf(request: IncomingMessage): number | undefined {
  const header = request.headers["content-length"];
  return header === undefined ? undefined : Number(header);
}

/** Tells whether some of the content has not been read. */
export function isUnread(request: IncomingMessage): boolean {
  const isEmpty = (lengthOf(request) ?? 0) === 0;
  return !request.complete && !(isEmpty && request.headers["transfer-encoding"] === undefined);
}
