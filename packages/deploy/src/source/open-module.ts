import {
  inlineModule,
  inlineModuleFiles,
  localModuleVersion,
  moduleName,
  readModule,
} from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { DeployError } from "../errors.ts";
import { checkVersion } from "./module-version.ts";
import { markVerified, type VerifiedModule } from "./verified-module.ts";

/** Where a module is. */
export interface ModuleRequest {
  /** `oci://registry/repository`, `file://directory`, a directory, or the URL of inline objects. */
  readonly location: string;
  /** Version of an artifact: strict semantic version, range of them, or `latest` (default). */
  readonly version?: string | undefined;
  /** Digest that the artifact must have; alone, it is what is opened. */
  readonly digest?: string | undefined;
  /** `user:password` or a bearer token, in place of stored credentials. */
  readonly creds?: string | undefined;
  /**
   * Leave out `cue.mod` and the CUE modules that it requires: it will be read and not evaluated. The module of
   * an artifact is named by its repository then.
   */
  readonly alone?: boolean | undefined;
}

/**
 * Opens a module: reads a directory as it is, or fetches an artifact and verifies every byte of it
 * against its digest. This is the only way from a reference to files.
 *
 * @throws DeployError `DEPLOY_DIGEST_MISMATCH`, `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_NOT_FOUND`, and as
 * `checkTrust` and `withDependencies`
 * @throws SchemaError `SCHEMA_MODULE_NOT_FOUND`, `SCHEMA_MODULE_INVALID`
 * @throws OciError as `pullModule`
 */
export async function openModule(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  if (request.location === inlineModule.url) return openInline();
  context.onEvent?.({ type: "module-opening", location: request.location });
  const module = request.location.startsWith("oci://")
    ? await (await import("./open-artifact.ts")).openArtifact(context, request)
    : await openDirectory(context, request);
  const { name, repository, version, digest, mirror } = module;
  context.onEvent?.({ type: "module-opened", name, repository, version, digest, mirror });
  return module;
}

function openInline(): VerifiedModule {
  const files = inlineModuleFiles();
  const { url: repository, version } = inlineModule;
  const name = moduleName(files);
  return markVerified({ ...files, name, repository, version, digest: "unknown", annotations: {} });
}

async function openDirectory(
  context: DeployContext,
  request: ModuleRequest,
): Promise<VerifiedModule> {
  const dir = request.location.replace(/^file:\/\//, "");
  if (request.version !== undefined) checkVersion(request.version);
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
    ...(request.alone === true ? files : await withDependencies(context, files)),
    name: moduleName(files),
    repository: dir,
    version: localModuleVersion,
    digest: "unknown",
    annotations: {},
  });
}
