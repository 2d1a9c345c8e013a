import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** An answer that was given once. */
interface OldAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is asked for. */
interface Question {
  readonly method: string;
  readonly url: string;
  readonly incoming: IncomingMessage;
}

/** The answers to reads so far. An API server that lags behind gives one of them again. */
export class History {
  readonly #answers = new Map<string, OldAnswer>();

  /** Keeps an answer in place of the one before. */
  keep(question: Question, answer: OldAnswer): void {
    this.#answers.set(keyOf(question), answer);
  }

  /** Tells whether this was asked before. */
  has(question: Question): boolean {
    return question.method === "GET" && this.#answers.has(keyOf(question));
  }

  /** Gives the answer that was given before, as of now. */
  answer(question: Question, outgoing: ServerResponse): void {
    const { status, headers, body } = this.#answers.get(keyOf(question))!;
    outgoing.writeHead(status, { ...headers, date: new Date().toUTCString() }).end(body);
  }
}

function keyOf({ url, incoming }: Question): string {
  return `${url} ${incoming.headers.accept}`;
}
