import { createTransport } from "../../client/transport.ts";
import { readAll } from "../../content/web-stream.ts";

/** A request to a service of a cloud. */
export interface CloudRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** `local` services belong to the machine: no proxy, and hardly any waiting. */
  readonly reach: "public" | "local";
}

/** An answer, read to its end. */
export interface CloudAnswer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

/** Sends a request. It is not sent on to another origin, as it may hold secrets. */
export type SendToCloud = (
  request: CloudRequest,
  signal: AbortSignal | undefined,
) => Promise<CloudAnswer>;

const timeLimits = { public: 20_000, local: 2000 } as const;
const largestAnswer = 1024 * 1024;

/** Makes what sends requests, over the proxies that the environment names. */
export function cloudHttp(env: Readonly<Record<string, string | undefined>>): SendToCloud {
  return async ({ method, url, headers = {}, body, reach }, signal) => {
    const transport = createTransport({
      env: reach === "local" ? {} : env,
      userAgent: "tenon",
      idleTimeout: timeLimits[reach],
    });
    const limit = AbortSignal.timeout(timeLimits[reach]);
    try {
      const response = await transport.send({
        method,
        url: new URL(url),
        headers,
        body: body === undefined ? undefined : Buffer.from(body),
        redirects: "same-origin",
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      const text = (await readAll(response.body, largestAnswer, "answer")).toString("utf8");
      return { status: response.status, text, header: (name) => response.header(name) };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      await transport.close();
    }
  };
}
