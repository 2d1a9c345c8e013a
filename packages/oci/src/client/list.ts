import { readAll } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import { parseRepository } from "../reference.ts";
import type { Registry } from "../registry.ts";
import { describe, pullAccess } from "./names.ts";
import type { Call, Session } from "./session.ts";
import { type HttpResponse, discard } from "./transport.ts";

const maxPageBytes = 16 * 1024 * 1024;
const maxPages = 10_000;

/** The listing half of a client. */
export function createLister(session: Session): Pick<Registry, "listTags" | "listRepositories"> {
  return {
    async *listTags(repository, options = {}) {
      const found = pages(session, {
        action: `list tags of ${describe(session.host, repository)}`,
        method: "GET",
        target: `/v2/${parseRepository(repository)}/tags/list`,
        access: pullAccess(repository),
        expect: [200],
        missing: "OCI_NAME_UNKNOWN",
        signal: options.signal,
      });
      for await (const page of found) yield* strings(page, "tags", session.host);
    },
    async *listRepositories(options = {}) {
      const found = pages(session, {
        action: `list repositories of ${session.host}`,
        method: "GET",
        target: "/v2/_catalog",
        access: { scopes: ["registry:catalog:*"] },
        expect: [200],
        missing: "OCI_UNSUPPORTED",
        signal: options.signal,
      });
      for await (const page of found) yield* strings(page, "repositories", session.host);
    },
  };
}

/** The pages of a list as JSON; nothing for an answer that is expected but not a success. */
export async function* pages(session: Session, call: Call): AsyncGenerator<unknown, void, void> {
  let target: string | URL | undefined = call.target;
  for (let count = 0; target !== undefined; count++) {
    if (count === maxPages) throw unusable(session.host, "its list does not end");
    const response: HttpResponse = await session.send({ ...call, target });
    if (response.status !== 200) {
      await discard(response);
      yield undefined;
      return;
    }
    const bytes = await readAll(response.body, maxPageBytes, "list");
    const next: URL | undefined = nextPage(session, response);
    yield parse(bytes, session.host);
    target = next?.href === response.url.href ? undefined : next;
  }
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
