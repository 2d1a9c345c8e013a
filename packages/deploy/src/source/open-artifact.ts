import { parseDigest } from "@tenon/core";
import { type ArtifactRef, MODULE_CONTENT, pullModule } from "@tenon/oci";
import { moduleName, requireFiles } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { DeployError } from "../errors.ts";
import { listTags } from "./list-tags.ts";
import { checkVersion, latestTag, rangeOf } from "./module-version.ts";
import type { ModuleRequest } from "./open-module.ts";
import { type OpenRegistry, layerCacheOf, openRegistry, referenced } from "./open-registry.ts";
import { reportTransfer } from "./report-transfer.ts";
import { markVerified, type VerifiedModule } from "./verified-module.ts";

/**
 * Fetches an artifact and verifies every byte of it.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_NOT_FOUND`, and as `withDependencies`
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
  });
  const { version, digest, annotations } = pulled;
  const repository = open.name;
  context.onFetched?.({ role: "module", repository, tag: ref.tag, digest, annotations });
  const root = `${repository}${ref.tag ? `:${ref.tag}` : `@${digest}`}`;
  const files = new Map([...pulled.files].map(([path, file]) => [path, file.data]));
  const mirror = open.registry.readFrom(ref.repository, ref.tag ?? digest);
  const about = { repository, version, digest, mirror, annotations };
  if (request.alone === true) return markVerified({ root, files, name: repository, ...about });
  const module = requireFiles({ root, files });
  const name = moduleName(module);
  return markVerified({ ...(await withDependencies(context, module)), name, ...about });
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
