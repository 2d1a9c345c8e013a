import { type IncomingHttpHeaders, type IncomingMessage, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer of a registry, and the request that it is to. */
export interface RegistryAnswer {
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: IncomingHttpHeaders;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A proxy in front of a registry that changes what it answers. */
export interface LyingProxy extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
}

/** Starts a proxy that hands each answer of `registry` to `change` before it is passed on. */
export async function startLyingProxy(
  registry: string,
  change: (answer: RegistryAnswer) => void,
): Promise<LyingProxy> {
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const [hostname, port] = registry.split(":");
    const upstream = request({
      hostname,
      port,
      method,
      path,
      headers: { ...headers, host: registry },
    });
    upstream.once("response", async (response) => {
      const answer = {
        method,
        path,
        requestHeaders: headers,
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await read(response),
      };
      change(answer);
      outgoing.writeHead(answer.status, answer.headers);
      outgoing.end(answer.body);
    });
    upstream.once("error", () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
