import { buildModuleArtifact, IMAGES_ANNOTATION, parseAnnotations, pushArtifact } from "@tenon/oci";
import { moduleImages, moduleName, readModule } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { checkPublishable, latestTag } from "../source/module-version.ts";
import { openRegistry } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";

/** What to publish, and as what. */
export interface PublishRequest {
  readonly dir: string;
  /** `oci://registry/repository`. */
  readonly url: string;
  readonly version: string;
  /** Let the tag `latest` follow. */
  readonly latest: boolean;
  /** `key=value` each. */
  readonly annotations?: readonly string[] | undefined;
  readonly creds?: string | undefined;
}

/** A published module. */
export interface PublishedModule {
  readonly name: string;
  /** `oci://registry/repository@digest`. */
  readonly url: string;
  /** `registry/repository`. */
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

/**
 * Packs a module's directory and pushes it under its version.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 * @throws SchemaError `SCHEMA_MODULE_NOT_FOUND`, `SCHEMA_MODULE_INVALID`, `SCHEMA_IMAGE_INVALID`
 * @throws OciError as `buildModuleArtifact` and `pushArtifact`
 */
export async function publishModule(
  context: DeployContext,
  request: PublishRequest,
): Promise<PublishedModule> {
  const { signal } = context;
  checkPublishable(request.version);
  const given = parseAnnotations(request.annotations ?? []);
  const module = await readModule(request.dir, { signal });
  const images =
    given[IMAGES_ANNOTATION] ?? (await moduleImages(context.engine, module, { signal })).join(",");
  await using open = openRegistry(context, request.url, request.creds);
  await using artifact = await buildModuleArtifact(request.dir, {
    version: request.version,
    annotations: { ...given, ...(images !== "" && { [IMAGES_ANNOTATION]: images }) },
    env: context.env,
    signal,
  });
  const tags = request.latest ? [request.version, latestTag] : [request.version];
  const { digest } = await pushArtifact(open.registry, open.reference.repository, artifact, tags, {
    signal,
    onProgress: (event) => reportTransfer(context, "push", event),
  });
  return {
    name: moduleName(module),
    url: `${open.name}@${digest}`,
    repository: open.name.replace("oci://", ""),
    version: request.version,
    digest,
    tags,
  };
}
