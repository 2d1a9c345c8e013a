import { parseDigest } from "@tenon/core";

import { compareTags } from "../compare-tags.ts";
import { OciError } from "../errors.ts";
import { IMAGE_INDEX } from "../media-types.ts";
import { type Descriptor, MAX_MANIFEST_BYTES } from "../registry.ts";
import type { Exchange } from "./context.ts";
import { replyJson } from "./reply.ts";

const maxPage = 10_000;
/** Room for what stands around the descriptors of an index. */
const indexFrame = 1024;

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

/** GET of the manifests that refer to one, as many as one index can hold. */
export async function listReferrers(
  exchange: Exchange,
  repository: string,
  digest: string,
): Promise<void> {
  const { query, registry, response, signal } = exchange;
  const artifactType = query.get("artifactType") ?? undefined;
  const all: Descriptor[] = [];
  const found = registry.listReferrers(repository, parseDigest(digest), { artifactType, signal });
  for await (const descriptor of found) all.push(descriptor);
  const last = query.get("last");
  const rest = all.slice(all.findIndex((descriptor) => descriptor.digest === last) + 1);
  const manifests = rest.slice(0, fitting(rest));
  const filtered = artifactType === undefined ? {} : { "oci-filters-applied": "artifactType" };
  const next = new URLSearchParams({
    ...(artifactType !== undefined && { artifactType }),
    last: manifests.at(-1)?.digest ?? "",
  });
  const target = `/v2/${repository}/referrers/${digest}?${next.toString()}`;
  const link = manifests.length < rest.length ? { link: `<${target}>; rel="next"` } : {};
  const body = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests };
  replyJson(response, 200, body, { "content-type": IMAGE_INDEX, ...filtered, ...link });
}

/** How many of the descriptors fit into one index; one at least. */
function fitting(descriptors: readonly Descriptor[]): number {
  let room = MAX_MANIFEST_BYTES - indexFrame;
  const over = descriptors.findIndex((descriptor) => {
    room -= Buffer.byteLength(JSON.stringify(descriptor)) + 1;
    return room < 0;
  });
  return over < 0 ? descriptors.length : Math.max(over, 1);
}

interface Page {
  readonly items: readonly string[];
  readonly size: number;
  readonly more: boolean;
}

async function takePage(exchange: Exchange, names: AsyncIterable<string>): Promise<Page> {
  const text = exchange.query.get("n") ?? String(maxPage);
  const last = exchange.query.get("last");
  if (!/^\d+$/.test(text)) {
    throw new OciError("OCI_REQUEST_REJECTED", "Cannot list: n is not a number", {
      details: { wireCode: "UNSUPPORTED" },
    });
  }
  const limit = Math.min(Number(text), maxPage);
  const items: string[] = [];
  for await (const name of names) {
    if (last !== null && compareTags(name, last) <= 0) continue;
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
