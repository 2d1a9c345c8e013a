import type { IncomingMessage } from "node:http";

import { ConnectionFailure } from "./connections.ts";

/** The body of an answer. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  /** Throws the rest away; where that takes long, the connection with it. That it breaks off is no failure. */
  dump(): Promise<void>;
}

/** What has to arrive while an idle timeout is waited for: who sends less does as good as nothing. */
const leastBytes = 16 * 1024;
const dumpBytes = 64 * 1024;
const dumpPatience = 1000;

/** The body of an answer that fails when it comes too slowly. Only the time that is waited for it counts. */
export function responseBody(message: IncomingMessage, idleTimeout: number): ResponseBody {
  return {
    async *[Symbol.asyncIterator]() {
      const chunks = (message as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
      let waited = 0;
      let received = 0;
      try {
        for (;;) {
          const asked = performance.now();
          const timer = setTimeout(() => message.destroy(slowAnswer()), idleTimeout - waited);
          const next = await chunks.next().finally(() => clearTimeout(timer));
          if (next.done === true) return;
          waited += performance.now() - asked;
          received += next.value.byteLength;
          if (received >= leastBytes) waited = received = 0;
          yield next.value;
        }
      } finally {
        await chunks.return?.();
      }
    },
    async dump() {
      const timer = setTimeout(() => message.destroy(), dumpPatience);
      let dumped = 0;
      try {
        for await (const chunk of message as AsyncIterable<Buffer>) {
          dumped += chunk.byteLength;
          if (dumped > dumpBytes) return;
        }
      } catch {
        // What is thrown away may break off.
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** An answer that trickles in, or stops. */
function slowAnswer(): ConnectionFailure {
  return new ConnectionFailure("ERR_SLOW_ANSWER", "the answer comes too slowly");
}
