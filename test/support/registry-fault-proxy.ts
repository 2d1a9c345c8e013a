import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  createServer,
  request,
} from "node:http";
import type { AddressInfo } from "node:net";

/** A request to the registry. */
export interface RegistryCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Bytes of its body that went by so far. */
  sent: number;
}

/** What becomes of a request or of its answer; positions are parts of the body from 0 to 1. */
export type RegistryFault =
  /** Answered here; the registry never sees it. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: OutgoingHttpHeaders;
      readonly body?: string | Buffer;
    }
  /** The connection dies while the request is sent. */
  | { readonly kind: "cut-request"; readonly at: number }
  /** The registry does what it was asked for, and the connection dies while it answers. */
  | { readonly kind: "cut-answer"; readonly at: number }
  /** The request is not taken any further from there on. */
  | { readonly kind: "stall-request"; readonly at: number }
  /** The answer stops coming there; at 0 it has not begun. */
  | { readonly kind: "stall-answer"; readonly at: number }
  /** The answer comes byte by byte, and for ever. */
  | { readonly kind: "trickle" }
  | {
      readonly kind: "change";
      readonly change: (answer: ChangedAnswer) => void;
    };

/** An answer that can be changed before it is passed on. */
export interface ChangedAnswer {
  status: number;
  readonly headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** A proxy in front of a real registry that does as it is told to each request. */
export interface RegistryFaultProxy extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
  /** All requests so far. */
  readonly calls: RegistryCall[];
  /** Asked for each request; nothing lets it pass. */
  fault: (call: RegistryCall) => RegistryFault | undefined;
}

/** Starts a proxy in front of `registry`, which is a host and a port. */
export async function startRegistryFaultProxy(registry: string): Promise<RegistryFaultProxy> {
  const server = createServer((incoming, outgoing) => {
    const { method = "", url: path = "", headers } = incoming;
    const call: RegistryCall = { method, path, headers, sent: 0 };
    proxy.calls.push(call);
    incoming.on("error", () => undefined);
    outgoing.on("error", () => undefined);
    pass({ incoming, outgoing, call, registry, fault: proxy.fault(call) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: RegistryFaultProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    fault: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly call: RegistryCall;
  readonly registry: string;
  readonly fault: RegistryFault | undefined;
}

function pass(passage: Passage): void {
  const { incoming, outgoing, call, registry, fault } = passage;
  if (fault?.kind === "answer") {
    incoming.resume();
    const body = Buffer.from(fault.body ?? "");
    outgoing.writeHead(fault.status, { "content-length": body.length, ...fault.headers });
    outgoing.end(call.method === "HEAD" ? undefined : body);
    return;
  }
  const [hostname, port] = registry.split(":");
  const { method, path } = call;
  // With the name of the proxy, which registries then write in their locations.
  const { headers } = incoming;
  const upstream = request({ hostname, port, method, path, headers });
  upstream.once("response", (response) => answer(passage, response));
  upstream.once("error", () => incoming.socket.destroy());
  outgoing.once("close", () => upstream.destroy());
  forward(passage, upstream);
}

/** What a connection takes to deliver what was sent, before it dies. */
const arrivalMs = 100;

/** Sends the request on, up to where the fault strikes. */
function forward({ incoming, call, fault }: Passage, upstream: ReturnType<typeof request>): void {
  const strikes = fault?.kind === "cut-request" || fault?.kind === "stall-request";
  const length = Number(incoming.headers["content-length"] ?? 0);
  const end = strikes ? Math.floor(fault.at * length) : Number.POSITIVE_INFINITY;
  if (strikes && end === 0 && fault.kind === "cut-request") return void incoming.socket.destroy();
  incoming.on("data", (chunk: Buffer) => {
    const part = chunk.subarray(0, Math.max(0, end - call.sent));
    call.sent += part.length;
    const isEnd = call.sent >= end;
    const hasRoom = upstream.write(part, () => {
      if (isEnd && fault?.kind === "cut-request")
        setTimeout(() => incoming.socket.destroy(), arrivalMs);
    });
    if (isEnd) {
      incoming.pause();
    } else if (!hasRoom) {
      incoming.pause();
      upstream.once("drain", () => incoming.resume());
    }
  });
  incoming.once("end", () => upstream.end());
}

function answer(passage: Passage, response: IncomingMessage): void {
  const { fault, incoming, outgoing } = passage;
  if (fault?.kind === "stall-answer" && fault.at === 0) return void response.resume();
  if (fault === undefined || fault.kind === "cut-request" || fault.kind === "stall-request") {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.on("error", () => outgoing.destroy());
    response.pipe(outgoing);
    return;
  }
  read(response).then(
    (body) => strike(passage, fault, response, body),
    () => incoming.socket.destroy(),
  );
}

/** Passes an answer on as the fault wants it. */
function strike(
  { call, incoming, outgoing }: Passage,
  fault: RegistryFault,
  response: IncomingMessage,
  body: Buffer,
): void {
  const status = response.statusCode ?? 502;
  const headers = { ...response.headers };
  if (fault.kind === "change") {
    const changed: ChangedAnswer = { status, headers, body };
    fault.change(changed);
    outgoing.writeHead(changed.status, changed.headers);
    outgoing.end(call.method === "HEAD" ? undefined : changed.body);
    return;
  }
  const at = Math.floor(("at" in fault ? fault.at : 0) * body.length);
  if (fault.kind === "cut-answer" && at === 0) return void incoming.socket.destroy();
  outgoing.writeHead(status, headers);
  if (fault.kind === "trickle") return trickle(outgoing, body);
  outgoing.write(body.subarray(0, at), () => {
    if (fault.kind === "cut-answer") setTimeout(() => incoming.socket.destroy(), arrivalMs);
  });
}

function trickle(outgoing: ServerResponse, body: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (outgoing.destroyed || at >= body.length) clearInterval(timer);
    else outgoing.write(body.subarray(at, ++at));
  }, 20);
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
