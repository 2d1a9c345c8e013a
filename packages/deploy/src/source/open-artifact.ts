import { parseDigest } from "@tenon/core";
import { pullModule } from "@tenon/oci";
import { moduleName, requireFiles } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { checkVersion, latestTag } from "./module-version.ts";
import type { ModuleRequest } from "./open-module.ts";
import { layerCacheOf, openRegistry } from "./open-registry.ts";
import { reportTransfer } from "./report-transfer.ts";
import { markVerified, type VerifiedModule } from "./verified-module.ts";

/**
 * Fetches an artifact and verifies every byte of it.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, and as `withDependencies`
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 * @throws OciError as `pullModule` of @tenon/oci
 */
export async function openArtifact(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  await using open = openRegistry(context, request.location, request.creds);
  const ref = artifactRef(open.reference, request);
  const pulled = await pullModule(open.registry, ref, {
    signal: context.signal,
    cache: layerCacheOf(context),
    onProgress: (event) => reportTransfer(context, "pull", event),
  });
  const root = `${open.name}${ref.tag ? `:${ref.tag}` : `@${pulled.digest}`}`;
  const files = requireFiles({
    root,
    files: new Map([...pulled.files].map(([path, file]) => [path, file.data])),
  });
  return markVerified({
    ...(request.alone === true ? files : await withDependencies(context, files)),
    name: moduleName(files),
    repository: open.name,
    version: pulled.version,
    digest: pulled.digest,
    annotations: pulled.annotations,
  });
}

/**
 * What in a repository a request means: the tag of its version, else its digest, else `latest`.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 */
export function artifactRef(
  reference: {
    readonly repository: string;
    readonly tag?: string | undefined;
    readonly digest?: string | undefined;
  },
  request: Pick<ModuleRequest, "version" | "digest">,
): {
  repository: string;
  tag?: string | undefined;
  digest?: ReturnType<typeof parseDigest> | undefined;
} {
  const { version } = request;
  if (version !== undefined) checkVersion(version);
  const digestText = request.digest ?? reference.digest;
  const digest = digestText === undefined ? undefined : parseDigest(digestText);
  const asked = version === latestTag && digest !== undefined ? undefined : version;
  const tag = asked ?? reference.tag ?? (digest === undefined ? latestTag : undefined);
  return { repository: reference.repository, tag, digest };
}
