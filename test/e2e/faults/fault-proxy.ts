import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type Dispatcher, request } from "undici";

import type { ApiConnection } from "./api-connection.ts";
import { History } from "./history.ts";
import { type Deed, type Fault, type Mishap, isDeed } from "./schedule.ts";
import { cutWatch, statusAnswer } from "./wrong-answers.ts";

/** What a proxy cannot do itself. */
export interface Accomplices {
  /** Kills the command line. */
  kill(): void;
  /** Does what a second actor does, and tells what that was. */
  act(deed: Deed): Promise<string>;
}

/** A proxy before the API server that lets requests go wrong. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Writes since the last {@link FaultProxy.begin}, dry runs left out. */
  readonly writes: readonly string[];
  /** From now on these faults strike; the count of requests starts again. */
  begin(faults: readonly Fault[], accomplices?: Accomplices): void;
  /** Requests since then. */
  readonly requests: number;
  /** What went wrong so far, a line for each time. */
  readonly log: readonly string[];
  /** The kinds of all that went wrong. */
  readonly struck: readonly Fault["kind"][];
  /** Resolves when nothing is under way at the API server. */
  idle(): Promise<void>;
}

/** Starts a proxy that adds the administrator's credentials. */
export async function startFaultProxy(connection: ApiConnection): Promise<FaultProxy> {
  const state = new ProxyState(connection);
  const server = createServer((incoming, outgoing) => {
    const done: Promise<void> = state
      .serve(incoming, outgoing)
      .catch(() => void outgoing.destroy())
      .finally(() => state.open.delete(done));
    state.open.add(done);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log: state.log,
    struck: state.struck,
    get requests() {
      return state.count;
    },
    get writes() {
      return state.writes;
    },
    begin: (faults, accomplices) => state.begin(faults, accomplices),
    async idle() {
      while (state.open.size > 0) await Promise.all(state.open);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Call {
  readonly number: number;
  readonly method: string;
  readonly url: string;
  readonly isWatch: boolean;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
}

class ProxyState {
  readonly open = new Set<Promise<void>>();
  readonly log: string[] = [];
  readonly struck: Fault["kind"][] = [];
  count = 0;
  writes: string[] = [];
  readonly #connection: ApiConnection;
  readonly #history = new History();
  #faults: { readonly fault: Fault; left: number }[] = [];
  #accomplices: Accomplices | undefined;

  constructor(connection: ApiConnection) {
    this.#connection = connection;
  }

  begin(faults: readonly Fault[], accomplices: Accomplices | undefined): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times }));
    this.#accomplices = accomplices;
    this.count = 0;
    this.writes = [];
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = incoming;
    const number = ++this.count;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call = { number, method, url, isWatch: url.includes("watch="), incoming, body };
    if (method !== "GET" && !url.includes("dryRun=All")) this.writes.push(`${method} ${url}`);
    const fault = await this.#strike(call);
    if (fault === undefined) return this.#pass(call, outgoing);
    switch (fault.kind) {
      case "lost-request":
        return void outgoing.destroy();
      case "lost-response":
        return this.#withoutAnswer(call, outgoing);
      case "kill":
        this.#accomplices?.kill();
        return fault.committed ? this.#withoutAnswer(call, outgoing) : void outgoing.destroy();
      case "stale-read":
        return this.#history.answer(call, outgoing);
      case "status":
        if (fault.committed) await this.#forward(call);
        return statusAnswer(fault, outgoing);
      case "cut-watch":
        return cutWatch(await this.#forward(call), fault, outgoing);
    }
  }

  /** The fault that strikes the answer to this call; what others do is done before it goes on. */
  async #strike(call: Call): Promise<Mishap | undefined> {
    for (const entry of this.#faults) {
      const { fault } = entry;
      if (entry.left === 0 || call.number < fault.from || !this.#canStrike(fault, call)) continue;
      entry.left--;
      this.struck.push(fault.kind);
      const where = `request ${call.number}: ${call.method} ${call.url}`;
      if (!isDeed(fault)) {
        this.log.push(`${where}: ${JSON.stringify(fault)}`);
        return fault;
      }
      this.log.push(`before ${where}: ${await this.#accomplices?.act(fault)}`);
    }
    return undefined;
  }

  #canStrike(fault: Fault, call: Call): boolean {
    if (fault.kind === "cut-watch") return call.isWatch;
    if (isDeed(fault) || fault.kind === "kill") return true;
    if (call.isWatch) return false;
    if (fault.kind === "stale-read") return this.#history.has(call);
    const isWrite = call.method !== "GET";
    return fault.kind !== "status" || fault.status !== 409 || isWrite;
  }

  async #withoutAnswer(call: Call, outgoing: ServerResponse): Promise<void> {
    const answer = await this.#forward(call);
    if (call.isWatch) answer.body.destroy();
    else await answer.body.dump();
    outgoing.destroy();
  }

  async #pass(call: Call, outgoing: ServerResponse): Promise<void> {
    const answer = await this.#forward(call);
    if (call.isWatch) return cutWatch(answer, undefined, outgoing);
    const body = Buffer.from(await answer.body.arrayBuffer());
    const { "transfer-encoding": _, ...headers } = answer.headers;
    if (call.method === "GET") {
      this.#history.keep(call, { status: answer.statusCode, headers, body });
    }
    outgoing.writeHead(answer.statusCode, headers).end(body);
  }

  #forward({ method, url, incoming, body }: Call): Promise<Dispatcher.ResponseData> {
    const { server, token, agent } = this.#connection;
    const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
    return request(server + url, {
      method: method as Dispatcher.HttpMethod,
      dispatcher: agent,
      headers: { ...(headers as Record<string, string>), authorization: `Bearer ${token}` },
      ...(body.length === 0 ? {} : { body }),
    });
  }
}
