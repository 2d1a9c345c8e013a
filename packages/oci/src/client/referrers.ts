import { type Digest, hasCode, isDigest, parseDigest } from "@tenon/core";

import { OciError } from "../errors.ts";
import { parseManifest, readDescriptors } from "../manifest.ts";
import { IMAGE_INDEX } from "../media-types.ts";
import { parseRepository } from "../reference.ts";
import { referrerDescriptor, referrersTag } from "../referrer.ts";
import type { CallOptions, Descriptor, Manifest, Registry } from "../registry.ts";
import { listAll } from "./list.ts";
import { describe, pullAccess, pushAccess } from "./names.ts";
import type { Call, Session } from "./session.ts";
import { discard } from "./transport.ts";

/** Lists referrers by the API, or by the tag that stands for it where there is no API. */
export function createReferrerLister(
  session: Session,
  reader: Pick<Registry, "readManifest">,
): Pick<Registry, "listReferrers"> {
  return {
    async *listReferrers(repository, subject, options = {}) {
      const { artifactType: type, signal } = options;
      const tagged = () => taggedReferrers(reader, repository, subject, options);
      const found =
        session.known.hasReferrers === false
          ? await tagged()
          : listAll(session, referrersCall(session, repository, subject, type, signal), {
              itemsOf: (page) => {
                session.known.hasReferrers = page !== undefined;
                return page === undefined ? tagged() : readDescriptors(page);
              },
              keyOf: ({ digest }) => digest,
            });
      for await (const descriptor of found) {
        if (type === undefined || descriptor.artifactType === type) yield descriptor;
      }
    },
  };
}

function referrersCall(
  session: Session,
  repository: string,
  subject: Digest,
  type: string | undefined,
  signal: AbortSignal | undefined,
): Call {
  const query = type === undefined ? "" : `?artifactType=${encodeURIComponent(type)}`;
  return {
    action: `list referrers of ${describe(session.host, repository, subject)}`,
    method: "GET",
    target: `/v2/${parseRepository(repository)}/referrers/${parseDigest(subject)}${query}`,
    headers: { accept: IMAGE_INDEX },
    access: pullAccess(repository),
    expect: [200, 400, 404, 405],
    signal,
  };
}

/** How often a list of referrers is written again that another writer overwrote. */
const maxRewrites = 5;

/**
 * Adds a manifest with a subject to the tag that lists its subject's referrers. Tags have no lock: what was
 * written is read again, and written again where another writer overwrote it. One that does so later still wins.
 */
export async function addReferrer(
  session: Session,
  reader: Pick<Registry, "readManifest">,
  repository: string,
  manifest: Manifest & { readonly mediaType: string },
  options: CallOptions,
): Promise<void> {
  const parsed = parseManifest(manifest.bytes);
  const subject = parsed.subject?.digest;
  if (subject === undefined || !isDigest(subject)) return;
  const own = referrerDescriptor(manifest.descriptor, parsed);
  for (let tries = 0; tries <= maxRewrites; tries++) {
    if (tries > 1) await session.clock.sleep(tries * 100 * session.clock.random(), options.signal);
    const known = await changeableReferrers(reader, repository, subject, options);
    if (known.some(({ digest }) => digest === own.digest)) return;
    await putReferrers(session, repository, subject, [...known, own], options);
  }
  throw new OciError(
    "OCI_SERVER_FAILED",
    `Cannot push manifest to ${describe(session.host, repository)}: others write its list of referrers at the same time`,
    { hint: "Push it again" },
  );
}

/**
 * Takes a manifest that was deleted off the tag that lists its subject's referrers, if there is such a tag.
 *
 * @returns the digest of the list where nothing is left on it, for the caller to delete
 */
export async function removeReferrer(
  session: Session,
  reader: Pick<Registry, "readManifest">,
  referrer: { readonly repository: string; readonly subject: Digest; readonly digest: Digest },
  options: CallOptions,
): Promise<Digest | undefined> {
  const { repository, subject, digest } = referrer;
  const known = await taggedReferrers(reader, repository, subject, options);
  const left = known.filter((listed) => listed.digest !== digest);
  if (left.length === known.length) return undefined;
  if (left.length > 0) {
    await putReferrers(session, repository, subject, left, options);
    return undefined;
  }
  return (await reader.readManifest(repository, referrersTag(subject), options)).descriptor.digest;
}

async function putReferrers(
  session: Session,
  repository: string,
  subject: Digest,
  manifests: readonly Descriptor[],
  options: CallOptions,
): Promise<void> {
  const index = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests };
  const tag = referrersTag(subject);
  const response = await session.send({
    action: `push manifest to ${describe(session.host, repository, tag)}`,
    method: "PUT",
    target: `/v2/${parseRepository(repository)}/manifests/${tag}`,
    headers: { "content-type": IMAGE_INDEX },
    body: Buffer.from(JSON.stringify(index)),
    access: pushAccess(repository),
    expect: [200, 201, 202],
    signal: options.signal,
  });
  await discard(response);
}

/** The list by tag; what is no list says that there are no referrers. */
async function taggedReferrers(
  reader: Pick<Registry, "readManifest">,
  repository: string,
  subject: Digest,
  options: CallOptions,
): Promise<Descriptor[]> {
  try {
    return await changeableReferrers(reader, repository, subject, options);
  } catch (error) {
    if (hasCode(error, "OCI_MANIFEST_INVALID")) return [];
    throw error;
  }
}

/** The list by tag, for who puts another one there: what is no list must not be lost. */
async function changeableReferrers(
  reader: Pick<Registry, "readManifest">,
  repository: string,
  subject: Digest,
  options: CallOptions,
): Promise<Descriptor[]> {
  const tag = referrersTag(subject);
  try {
    const { bytes, descriptor } = await reader.readManifest(repository, tag, options);
    if (descriptor.mediaType === IMAGE_INDEX) return [...parseManifest(bytes).manifests];
  } catch (error) {
    if (hasCode(error, "OCI_MANIFEST_UNKNOWN", "OCI_NAME_UNKNOWN")) return [];
    throw error;
  }
  throw new OciError(
    "OCI_MANIFEST_INVALID",
    `Cannot list referrers by the tag ${tag} of ${repository}: it is no image index`,
    { hint: "Give what the tag points to another tag, and delete this one" },
  );
}
