import { parseDigest } from "@tenon/core";
import { type ArtifactRef, MODULE_CONTENT, formatReference, pullModule } from "@tenon/oci";
import { moduleName, requireFiles } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { DeployError } from "../errors.ts";
import { lockKey } from "../lock/lock-key.ts";
import { asMismatch } from "../lock/lock-mismatch.ts";
import { type FoundArtifact, checkTrust } from "../trust/check-trust.ts";
import { listTags } from "./list-tags.ts";
import { checkVersion, latestTag, rangeOf } from "./module-version.ts";
import type { ModuleRequest } from "./open-module.ts";
import { type OpenRegistry, layerCacheOf, openRegistry, referenced } from "./open-registry.ts";
import { reportTransfer } from "./report-transfer.ts";
import { markVerified, type VerifiedModule } from "./verified-module.ts";

/**
 * Fetches an artifact and verifies every byte of it.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_NOT_FOUND`, and as `checkTrust` and
 * `withDependencies`
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 * @throws OciError as `pullModule` of @tenon/oci
 */
export async function openArtifact(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  await using open = openRegistry(context, request.location, request.creds);
  const ref = await artifactRef(context, open, request);
  const pulled = await pullModule(open.registry, ref, {
    signal: context.signal,
    cache: layerCacheOf(context),
    contentType: request.alone === true ? MODULE_CONTENT : undefined,
    onProgress: (event) => reportTransfer(context, "pull", event),
    onResolved: ({ digest, version }) =>
      checkTrust(context, open, { ...trustSubject(ref, request.version), digest, version }),
  }).catch((error: unknown) => {
    throw asMismatch(context, request, error);
  });
  const { tag = latestTag } = ref;
  context.lock?.addModule({
    ...lockKey({ ...request, url: request.location }),
    version: tag === latestTag ? pulled.version : tag,
    digest: pulled.digest,
  });
  const { version, digest, annotations } = pulled;
  const repository = open.name;
  context.onFetched?.({ role: "module", repository, tag: ref.tag, digest, annotations });
  const root = `${repository}${ref.tag ? `:${ref.tag}` : `@${digest}`}`;
  const files = new Map([...pulled.files].map(([path, file]) => [path, file.data]));
  const mirror = open.mirrorOf?.(ref.tag ?? digest);
  const about = { repository, version, digest, mirror, annotations };
  if (request.alone === true) return markVerified({ root, files, name: repository, ...about });
  const module = requireFiles({ root, files });
  const name = moduleName(module);
  return markVerified({ ...(await withDependencies(context, module)), name, ...about });
}

/** What the check of trust has to know of how an artifact was asked for. */
export function trustSubject(
  { tag, digest }: ArtifactRef,
  version: string | undefined,
): Pick<FoundArtifact, "tag" | "asked" | "isPinned"> {
  const isRange = version !== undefined && version !== tag;
  const asked = isRange ? version : tag === latestTag ? latestTag : undefined;
  return { tag, asked, isPinned: digest !== undefined };
}

/**
 * What in a repository a request means: the tag of its version, else its digest, else `latest`. Of a
 * range it is the newest version in it.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_NOT_FOUND`
 * @throws OciError as `Registry.listTags`
 */
export async function artifactRef(
  context: DeployContext,
  open: OpenRegistry,
  request: Pick<ModuleRequest, "version" | "digest">,
): Promise<ArtifactRef> {
  const { reference } = open;
  const locked = context.lock?.findModule(lockKey({ ...request, url: formatReference(reference) }));
  if (locked !== undefined) {
    // The tag `latest` moves, and so did the version that it once had.
    const isFixed = request.version !== undefined && request.version !== latestTag;
    const { repository } = reference;
    return { repository, tag: isFixed ? locked.version : undefined, digest: locked.digest };
  }
  const version = await singleVersion(context, open, request.version);
  const digestText = request.digest ?? reference.digest;
  const digest = digestText === undefined ? undefined : parseDigest(digestText);
  const asked = version === latestTag && digest !== undefined ? undefined : version;
  return referenced({
    repository: reference.repository,
    tag: asked ?? reference.tag,
    digest,
  });
}

async function singleVersion(
  context: DeployContext,
  open: OpenRegistry,
  version: string | undefined,
): Promise<string | undefined> {
  if (version === undefined) return undefined;
  checkVersion(version);
  const range = rangeOf(version);
  if (range === undefined) return version;
  const { versions } = await listTags(context, open);
  const newest = versions.find((tag) => range.test(tag));
  if (newest !== undefined) return newest;
  const there = versions.slice(0, 5).join(", ");
  throw new DeployError(
    "DEPLOY_VERSION_NOT_FOUND",
    `Cannot find version ${JSON.stringify(version)} of ${open.name}: no version is in the range`,
    { hint: there === "" ? "It has no versions" : `The newest that it has: ${there}` },
  );
}
