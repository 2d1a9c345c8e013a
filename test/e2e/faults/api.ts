import { setTimeout as delay } from "node:timers/promises";

import { request } from "undici";

import type { ApiConnection } from "./api-connection.ts";

/** What the administrator of a cluster does, with bare HTTP calls. */
export class Api {
  readonly #to: ApiConnection;

  constructor(to: ApiConnection) {
    this.#to = to;
  }

  /** An object or list; nothing when it, or its kind, is not there. */
  async get<T = ApiObject>(path: string): Promise<T | undefined> {
    return this.#send<T>("GET", path);
  }

  /** The items of a list. */
  async list(path: string): Promise<ApiObject[]> {
    return (await this.get<{ items: ApiObject[] }>(path))?.items ?? [];
  }

  /** Applies an object on the server under the name of a field manager. */
  async apply(path: string, object: object, manager: string): Promise<void> {
    const query = `fieldManager=${manager}&force=true`;
    await this.#send("PATCH", `${path}?${query}`, object, "application/apply-patch+yaml");
  }

  /** Changes fields; nothing comes back when the object is not there. */
  async edit(path: string, change: object, manager: string): Promise<unknown> {
    const type = "application/merge-patch+json";
    return this.#send("PATCH", `${path}?fieldManager=${manager}`, change, type);
  }

  /** Deletes an object; nothing comes back when it is not there. */
  async delete(path: string): Promise<unknown> {
    return this.#send("DELETE", path);
  }

  async #send<T>(
    method: "GET" | "PATCH" | "DELETE",
    path: string,
    body?: object,
    type?: string,
  ): Promise<T | undefined> {
    const { server, token, agent } = this.#to;
    const answer = await request(server + path, {
      method,
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${token}`,
        ...(type === undefined ? {} : { "content-type": type }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    // The storage of a definition that has just come or gone is not there at once.
    if (answer.statusCode === 429) {
      await delay(200);
      return this.#send(method, path, body, type);
    }
    if (answer.statusCode === 404) return undefined;
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text) as T;
  }
}

/** An object as the API server hands it out. */
export interface ApiObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}
