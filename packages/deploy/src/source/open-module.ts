import { parseDigest } from "@tenon/core";
import { createLayerCache, pullModule, type ProgressEvent } from "@tenon/oci";
import { localModuleVersion, moduleName, readModule, requireFiles } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { checkVersion, latestTag } from "./module-version.ts";
import { openRegistry } from "./open-registry.ts";
import { markVerified, type VerifiedModule } from "./verified-module.ts";

/** Where a module is. */
export interface ModuleRequest {
  /** `oci://registry/repository`, `file://directory`, or a directory. */
  readonly location: string;
  /** Version of an artifact: strict semantic version or `latest` (default). */
  readonly version?: string | undefined;
  /** Digest that the artifact must have; alone, it is what is opened. */
  readonly digest?: string | undefined;
  /** `user:password` or a bearer token, in place of stored credentials. */
  readonly creds?: string | undefined;
}

/**
 * Opens a module: reads a directory as it is, or fetches an artifact and verifies every byte of it
 * against its digest. This is the only way from a reference to files.
 *
 * @throws DeployError `DEPLOY_DIGEST_MISMATCH`, `DEPLOY_VERSION_INVALID`
 * @throws SchemaError `SCHEMA_MODULE_NOT_FOUND`, `SCHEMA_MODULE_INVALID`
 * @throws OciError as `pullModule`
 */
export async function openModule(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  context.onEvent?.({ type: "module-opening", location: request.location });
  const module = request.location.startsWith("oci://")
    ? await openArtifact(context, request)
    : await openDirectory(context, request);
  const { name, repository, version, digest } = module;
  context.onEvent?.({ type: "module-opened", name, repository, version, digest });
  return module;
}

async function openDirectory(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  const dir = request.location.replace(/^file:\/\//, "");
  const files = await readModule(dir, { signal: context.signal });
  if (request.digest !== undefined) {
    throw new DeployError(
      "DEPLOY_DIGEST_MISMATCH",
      `Cannot open module ${dir} by digest: a directory has none`,
      {
        hint: "Publish the module with `tenon mod push` and open it as oci://…, or leave the digest out",
      },
    );
  }
  return markVerified({
    ...files,
    name: moduleName(files),
    repository: dir,
    version: localModuleVersion,
    digest: "unknown",
    annotations: {},
  });
}

async function openArtifact(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  await using open = openRegistry(context, request.location, request.creds);
  const ref = artifactRef(open.reference, request);
  const pulled = await pullModule(open.registry, ref, {
    signal: context.signal,
    cache: context.cacheDir === undefined ? undefined : createLayerCache(context.cacheDir),
    onProgress: (event) => reportTransfer(context, "pull", event),
  });
  const root = `${open.name}${ref.tag ? `:${ref.tag}` : `@${pulled.digest}`}`;
  const files = requireFiles({
    root,
    files: new Map([...pulled.files].map(([path, file]) => [path, file.data])),
  });
  return markVerified({
    ...files,
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

/** Turns progress of a transfer into an event. */
export function reportTransfer(
  context: DeployContext,
  direction: "push" | "pull",
  event: ProgressEvent,
): void {
  context.onEvent?.({
    type: "transfer",
    direction,
    digest: event.digest,
    bytes: event.done,
    total: event.size,
    done: event.state === "done" || event.state === "exists",
  });
}
