import {
  buildModuleArtifact,
  IMAGES_ANNOTATION,
  openBuiltModule,
  type PackedArtifact,
  parseAnnotations,
} from "@tenon/oci";
import {
  type ModuleFiles,
  moduleImages,
  moduleName,
  readModule,
  requireFiles,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { DeployError } from "../errors.ts";
import { checkPublishable } from "../source/module-version.ts";
import { openModule } from "../source/open-module.ts";
import { markVerified, type VerifiedModule } from "../source/verified-module.ts";
import { checkUnchanged } from "./check-unchanged.ts";

/** A module that is ready to be pushed or written. Dispose of it to remove its temporary files. */
export interface PackedModule extends AsyncDisposable {
  /** Its folder, or what it was built as. */
  readonly path: string;
  readonly isBuilt: boolean;
  readonly version: string;
  readonly artifact: PackedArtifact;
  /** Its own files, without the CUE modules that it requires. */
  readonly files: ModuleFiles;
  /** Opens it for rendering. */
  open(): Promise<VerifiedModule>;
}

/**
 * Packs the folder of a module.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 * @throws SchemaError `SCHEMA_MODULE_NOT_FOUND`, `SCHEMA_MODULE_INVALID`, `SCHEMA_IMAGE_INVALID`
 * @throws OciError as `buildModuleArtifact`
 */
export async function packModule(
  context: DeployContext,
  request: {
    readonly dir: string;
    readonly version: string;
    /** `key=value` each. */
    readonly annotations?: readonly string[] | undefined;
  },
): Promise<PackedModule> {
  const { engine, env, signal } = context;
  const { dir, version } = request;
  checkPublishable(version);
  const given = parseAnnotations(request.annotations ?? []);
  const files = await readModule(dir, { signal });
  const images =
    given[IMAGES_ANNOTATION] ?? (await moduleImages(engine, files, { signal })).join(",");
  const artifact = await buildModuleArtifact(dir, {
    version,
    annotations: { ...given, ...(images !== "" && { [IMAGES_ANNOTATION]: images }) },
    env,
    signal,
  });
  return {
    path: dir,
    isBuilt: false,
    version,
    artifact,
    files,
    open: () => openModule(context, { location: dir }),
    [Symbol.asyncDispose]: () => artifact[Symbol.asyncDispose](),
  };
}

/**
 * Opens what `buildModule` wrote, which stays as it is: it is published as the version that it was built
 * as, and no annotation can be added.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`
 * @throws SchemaError `SCHEMA_MODULE_INVALID`
 * @throws OciError `OCI_ANNOTATION_INVALID`, and as `openBuiltModule`
 */
export async function openBuilt(
  context: DeployContext,
  request: {
    readonly path: string;
    readonly version?: string | undefined;
    readonly annotations?: readonly string[] | undefined;
  },
): Promise<PackedModule> {
  const { path } = request;
  checkUnchanged(path, request.annotations ?? [], "tenon mod build");
  const built = await openBuiltModule(path, { signal: context.signal });
  try {
    const version = builtVersion(path, built.version, request.version);
    const files = requireFiles({
      root: path,
      files: new Map([...built.files].map(([name, { data }]) => [name, data])),
    });
    const { digest, annotations } = built;
    const about = { name: moduleName(files), repository: path, version, digest, annotations };
    return {
      path,
      isBuilt: true,
      version,
      artifact: built,
      files,
      open: async () => markVerified({ ...(await withDependencies(context, files)), ...about }),
      [Symbol.asyncDispose]: () => built[Symbol.asyncDispose](),
    };
  } catch (error) {
    await built[Symbol.asyncDispose]();
    throw error;
  }
}

/** The version that a module was built as, which has to be the one that is asked for. */
function builtVersion(path: string, built: string | undefined, asked: string | undefined): string {
  if (built === undefined) {
    throw new DeployError(
      "DEPLOY_VERSION_INVALID",
      `Cannot publish ${path}: it does not say which version it is`,
      { hint: "Build it with `tenon mod build -v VERSION`" },
    );
  }
  checkPublishable(built);
  if (asked === undefined || asked === built) return built;
  checkPublishable(asked);
  throw new DeployError(
    "DEPLOY_VERSION_INVALID",
    `Cannot publish ${path} as ${asked}: it was built as ${built}`,
    { hint: `Leave the version out, or build it again with -v ${asked}` },
  );
}
