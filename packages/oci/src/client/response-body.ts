import type { Dispatcher } from "undici";

/** The body of an answer. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  /** Throws the rest away; where that takes long, the connection with it. */
  dump(): Promise<void>;
}

/** What has to arrive while an idle timeout is waited for: who sends less does as good as nothing. */
const leastBytes = 16 * 1024;
const dumpBytes = 64 * 1024;
const dumpPatience = 1000;

/** The body of an answer that fails when it comes too slowly. Only the time that is waited for it counts. */
export function responseBody(
  body: Dispatcher.ResponseData["body"],
  idleTimeout: number,
): ResponseBody {
  return {
    async *[Symbol.asyncIterator]() {
      const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
      let waited = 0;
      let received = 0;
      try {
        for (;;) {
          const asked = performance.now();
          const next = await chunks.next();
          if (next.done === true) return;
          waited += performance.now() - asked;
          received += next.value.byteLength;
          if (received >= leastBytes) waited = received = 0;
          else if (waited > idleTimeout) throw new SlowAnswer();
          yield next.value;
        }
      } finally {
        await chunks.return?.();
      }
    },
    async dump() {
      const signal = AbortSignal.timeout(dumpPatience);
      await body.dump({ limit: dumpBytes, signal });
    },
  };
}

/** An answer that trickles in. */
class SlowAnswer extends Error {
  readonly code = "ERR_SLOW_ANSWER";

  constructor() {
    super("the answer comes too slowly");
  }
}
