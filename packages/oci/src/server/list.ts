import { parseDigest } from "@tenon/core";

import { OciError } from "../errors.ts";
import { IMAGE_INDEX } from "../media-types.ts";
import type { Descriptor } from "../registry.ts";
import type { Exchange } from "./context.ts";
import { replyJson } from "./reply.ts";

const maxPage = 10_000;

/** GET of the tags of a repository. */
export async function listTags(exchange: Exchange, repository: string): Promise<void> {
  const { registry, signal } = exchange;
  const page = await takePage(exchange, registry.listTags(repository, { signal }));
  replyPage(exchange, `/v2/${repository}/tags/list`, { name: repository, tags: page.items }, page);
}

/** GET of the repositories. */
export async function listRepositories(exchange: Exchange): Promise<void> {
  const { registry, signal } = exchange;
  const page = await takePage(exchange, registry.listRepositories({ signal }));
  replyPage(exchange, "/v2/_catalog", { repositories: page.items }, page);
}

/** GET of the manifests that refer to one. */
export async function listReferrers(
  exchange: Exchange,
  repository: string,
  digest: string,
): Promise<void> {
  const { query, registry, response, signal } = exchange;
  const artifactType = query.get("artifactType") ?? undefined;
  const manifests: Descriptor[] = [];
  const found = registry.listReferrers(repository, parseDigest(digest), { artifactType, signal });
  for await (const descriptor of found) manifests.push(descriptor);
  const filtered = artifactType === undefined ? {} : { "oci-filters-applied": "artifactType" };
  const body = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests };
  replyJson(response, 200, body, { "content-type": IMAGE_INDEX, ...filtered });
}

interface Page {
  readonly items: readonly string[];
  readonly size: number;
  readonly more: boolean;
}

async function takePage(exchange: Exchange, names: AsyncIterable<string>): Promise<Page> {
  const text = exchange.query.get("n");
  const last = exchange.query.get("last");
  const size = text === null ? maxPage : Number(text);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new OciError("OCI_REQUEST_REJECTED", "Cannot list: n is not a number");
  }
  const limit = Math.min(size, maxPage);
  const items: string[] = [];
  for await (const name of names) {
    if (last !== null && name <= last) continue;
    if (items.length === limit) return { items, size: limit, more: limit > 0 };
    items.push(name);
  }
  return { items, size: limit, more: false };
}

function replyPage(exchange: Exchange, path: string, body: unknown, page: Page): void {
  const last = encodeURIComponent(page.items.at(-1) ?? "");
  const link = page.more ? { link: `<${path}?n=${page.size}&last=${last}>; rel="next"` } : {};
  replyJson(exchange.response, 200, body, link);
}
