import { OciError } from "../errors.ts";
import { parseRepository } from "../reference.ts";
import type { Registry } from "../registry.ts";
import { describe, pullAccess } from "./names.ts";
import type { Call, ReceivedAnswer, Session } from "./session.ts";
import type { HttpResponse } from "./transport.ts";

const maxPageBytes = 16 * 1024 * 1024;
const maxPages = 10_000;
const maxItems = 1_000_000;
/** Registries may send empty pages, and some do. */
const maxIdlePages = 20;

/** The listing half of a client. */
export function createLister(session: Session): Pick<Registry, "listTags" | "listRepositories"> {
  return {
    listTags: (repository, options = {}) =>
      listAll(
        session,
        {
          action: `list tags of ${describe(session.host, repository)}`,
          method: "GET",
          target: `/v2/${parseRepository(repository)}/tags/list`,
          access: pullAccess(repository),
          expect: [200],
          missing: "OCI_NAME_UNKNOWN",
          signal: options.signal,
        },
        { itemsOf: (page) => strings(page, "tags", session.host), keyOf: (tag) => tag },
      ),
    listRepositories: (options = {}) =>
      listAll(
        session,
        {
          action: `list repositories of ${session.host}`,
          method: "GET",
          target: "/v2/_catalog",
          access: { scopes: ["registry:catalog:*"] },
          expect: [200],
          missing: "OCI_UNSUPPORTED",
          signal: options.signal,
        },
        { itemsOf: (page) => strings(page, "repositories", session.host), keyOf: (name) => name },
      ),
  };
}

/** What the pages of a list hold. */
export interface ListedItems<T> {
  /** The items of a page; undefined stands for an answer that is expected and no success. */
  readonly itemsOf: (page: unknown) => readonly T[] | Promise<readonly T[]>;
  /** By which an item that was listed before is told. */
  readonly keyOf: (item: T) => string;
}

/**
 * The items of all pages, each once. A list that goes in a circle, brings nothing new for long, or has more than
 * 10,000 pages or a million items is an error.
 *
 * @throws OciError `OCI_PROTOCOL_VIOLATED`
 */
export async function* listAll<T>(
  session: Session,
  call: Call,
  { itemsOf, keyOf }: ListedItems<T>,
): AsyncGenerator<T, void, void> {
  const known = new Set<string>();
  let idle = 0;
  for await (const page of pages(session, call)) {
    const before = known.size;
    for (const item of await itemsOf(page)) {
      if (known.size === known.add(keyOf(item)).size) continue;
      if (known.size > maxItems) throw endless(session, call, `more than ${maxItems} items`);
      yield item;
    }
    idle = known.size === before ? idle + 1 : 0;
    if (idle >= maxIdlePages) throw endless(session, call, `${idle} pages brought nothing new`);
  }
}

async function* pages(session: Session, call: Call): AsyncGenerator<unknown, void, void> {
  const asked = new Set<string>();
  let target: string | URL | undefined = call.target;
  while (target !== undefined) {
    const { response, bytes }: ReceivedAnswer = await session.receive(
      { ...call, target },
      maxPageBytes,
      "list",
    );
    if (response.status !== 200) {
      yield undefined;
      return;
    }
    const next: URL | undefined = nextPage(session, response);
    yield parse(bytes, session.host);
    if (next?.href === response.url.href) return;
    asked.add(response.url.href);
    if (next !== undefined && asked.has(next.href))
      throw endless(session, call, "it goes in a circle");
    if (asked.size >= maxPages) throw endless(session, call, `more than ${maxPages} pages`);
    target = next;
  }
}

function endless(session: Session, call: Call, why: string): OciError {
  return new OciError(
    "OCI_PROTOCOL_VIOLATED",
    `Cannot ${call.action}: the list does not end: ${why}`,
    {
      hint: `Something is wrong with ${session.host}, or with what stands before it: ask who runs it`,
    },
  );
}

function nextPage(session: Session, response: HttpResponse): URL | undefined {
  for (const header of response.headers("link")) {
    const match = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(header);
    if (match !== null) return session.follow(response, match[1]!);
  }
  return undefined;
}

function parse(bytes: Buffer, host: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw unusable(host, "its list is not JSON");
  }
}

function strings(page: unknown, name: string, host: string): string[] {
  const list = (page as Record<string, unknown> | null)?.[name] ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) return list;
  throw unusable(host, `its list has no ${name}`);
}

function unusable(host: string, why: string): OciError {
  return new OciError("OCI_PROTOCOL_VIOLATED", `Cannot use ${host}: ${why}`);
}
