import {
  type ArtifactRef,
  type Credential,
  createCredentialStore,
  createLayerCache,
  createMirroredRegistry,
  createRegistryClient,
  fixedCredential,
  formatRepository,
  parseCredential,
  parseReference,
  type LayerCache,
  OciError,
  type Reference,
  type RegistryClient,
} from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { environmentOf } from "./environment-of.ts";
import { latestTag } from "./module-version.ts";
import { openOffline } from "./offline-registry.ts";
import { registryTable } from "./registry-table.ts";

/** What a use case of artifacts is given: nothing is evaluated. */
export type RegistryContext = Omit<DeployContext, "engine">;

/** A repository of a remote registry. Dispose it to free its connections. */
export interface OpenRegistry extends AsyncDisposable {
  readonly registry: RegistryClient;
  readonly reference: Reference;
  /** `oci://host/repository`. */
  readonly name: string;
  /** Where the manifest of a tag or digest was read, as `host/repository:tag`; nothing if not at a mirror. */
  readonly mirrorOf?: ((reference: string) => string | undefined) | undefined;
}

/**
 * Opens the registry of a reference to read from: by the mirror table, with the credentials given for
 * the registry itself, or those that docker's and containers' configuration hold; with `offline` what was
 * vendored of it.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`, `OCI_CREDENTIALS_INVALID`; and from each call those of
 *   `createMirroredRegistry`
 */
export function openRegistry(
  context: RegistryContext,
  url: string,
  creds?: string | Credential,
): OpenRegistry {
  return open(context, url, creds, "read");
}

/**
 * Opens the registry of a reference to write to: no mirror is asked, also for what is read on the way.
 *
 * @throws OciError as {@link openRegistry}
 */
export function openTarget(
  context: RegistryContext,
  url: string,
  creds?: string | Credential,
): OpenRegistry {
  return open(context, url, creds, "write");
}

function open(
  context: RegistryContext,
  url: string,
  creds: string | Credential | undefined,
  mode: "read" | "write",
): OpenRegistry {
  const reference = parseReference(url);
  if (context.offline === true) return openOffline(context, reference);
  const { host } = reference;
  const { env } = context;
  const given = typeof creds === "string" ? parseCredential(creds) : creds;
  const stored = createCredentialStore(environmentOf(context));
  const own = given && fixedCredential(host, given);
  const registry = createMirroredRegistry({
    host,
    mode,
    table: () => registryTable(context),
    connect: (target) =>
      createRegistryClient({
        host: target.host,
        credentials: own !== undefined && target.host === host ? own : stored,
        insecure: context.insecureRegistry === true || target.insecure,
        env,
        cache: context.registryCache,
        onWarning: (warning) => context.onEvent?.({ type: "registry-warning", ...warning }),
        // Where there is another place to ask, it is not worth while to wait for long.
        ...(target.kind === "mirror" && { retry: { attempts: 2 } }),
      }),
    onMirrorUsed: (use) => context.onEvent?.({ type: "mirror-used", ...use }),
    onMirrorFailed: (failure) => context.onEvent?.({ type: "mirror-failed", ...failure }),
  });
  const opened: OpenRegistry = {
    registry,
    reference,
    name: formatRepository(reference),
    mirrorOf: (wanted) => registry.readFrom(reference.repository, wanted),
    [Symbol.asyncDispose]: () => registry.close(),
  };
  return context.wrapRegistry?.(opened) ?? opened;
}

/**
 * Opens a repository as a whole.
 *
 * @throws OciError `OCI_REFERENCE_INVALID` also for a URL with a tag or a digest, and as
 * {@link openRegistry}
 */
export function openRepository(
  context: RegistryContext,
  url: string,
  creds?: string | Credential,
  mode: "read" | "write" = "read",
): OpenRegistry {
  const { tag, digest } = parseReference(url);
  const named = tag === undefined ? digest && `@${digest}` : `:${tag}`;
  if (named === undefined) return open(context, url, creds, mode);
  throw new OciError(
    "OCI_REFERENCE_INVALID",
    `Cannot use reference ${url}: it has a ${tag === undefined ? "digest" : "tag"}, and a repository is meant`,
    { hint: `Leave ${named} out` },
  );
}

/** What in a repository a reference means: `latest` where it has neither a tag nor a digest. */
export function referenced({ repository, tag, digest }: ArtifactRef): ArtifactRef {
  return { repository, tag: tag ?? (digest === undefined ? latestTag : undefined), digest };
}

/** The cache of layers, where the context names a folder for it. */
export function layerCacheOf({ cacheDir }: RegistryContext): LayerCache | undefined {
  return cacheDir === undefined ? undefined : createLayerCache(cacheDir);
}
