import type { ServerResponse } from "node:http";

import type { Dispatcher } from "undici";

import type { Mishap } from "./schedule.ts";

/** Answers with a status as an API server words it. */
export function statusAnswer(fault: Mishap & { kind: "status" }, outgoing: ServerResponse): void {
  const { status, retryAfter } = fault;
  const body = { ...texts[status], kind: "Status", apiVersion: "v1", metadata: {}, code: status };
  const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  outgoing.writeHead(status, { "content-type": "application/json", ...wait });
  outgoing.end(JSON.stringify({ ...body, status: "Failure" }));
}

const texts = {
  409: {
    reason: "Conflict",
    message:
      "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again",
  },
  429: {
    reason: "TooManyRequests",
    message: "The server has received too many requests and has asked us to try again later",
  },
  500: { reason: "InternalError", message: "Internal error occurred: etcdserver: leader changed" },
  504: {
    reason: "Timeout",
    message: "Timeout: request did not complete within the requested timeout",
  },
} as const;

/** Passes a watch on, up to its end or to where the fault cuts it. */
export async function cutWatch(
  answer: Dispatcher.ResponseData,
  fault: (Mishap & { kind: "cut-watch" }) | undefined,
  outgoing: ServerResponse,
): Promise<void> {
  const { "transfer-encoding": _, ...headers } = answer.headers;
  outgoing.once("close", () => answer.body.destroy());
  outgoing.writeHead(answer.statusCode, headers);
  outgoing.flushHeaders();
  let left = fault?.events ?? Number.POSITIVE_INFINITY;
  let rest = "";
  try {
    for await (const chunk of left > 0 ? answer.body.setEncoding("utf8") : []) {
      const lines = (rest + (chunk as string)).split(/(?<=\n)/);
      // An event goes on as a whole: an API server does not put another into it.
      rest = lines.at(-1)?.endsWith("\n") ? "" : (lines.pop() ?? "");
      for (const line of lines.slice(0, left)) outgoing.write(line);
      left -= lines.length;
      if (left <= 0) break;
    }
  } finally {
    answer.body.destroy();
  }
  if (fault?.expired) outgoing.write(`${JSON.stringify(expired)}\n`);
  if (fault === undefined || fault.expired) outgoing.end();
  else outgoing.destroy();
}

const expired = {
  type: "ERROR",
  object: {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: "too old resource version: 1 (2)",
    reason: "Expired",
    code: 410,
  },
};
