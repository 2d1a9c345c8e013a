import { isPacked, type LayoutFormat, UNCOMMITTED_ANNOTATION, writeLayout } from "@tenon/oci";
import { moduleName } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { packModule } from "./pack-module.ts";

/** What to build, as what, and where to write it. */
export interface BuildModuleRequest {
  readonly dir: string;
  readonly version: string;
  /** `key=value` each. */
  readonly annotations?: readonly string[] | undefined;
  /** The new file or folder. */
  readonly output: string;
  readonly format: LayoutFormat;
}

/** A module that was written as an OCI layout. */
export interface BuiltModuleFile {
  readonly name: string;
  readonly output: string;
  readonly format: LayoutFormat;
  readonly version: string;
  /** The digest that it has in every registry that it is pushed to. */
  readonly digest: string;
  /** The output is in the folder of the module, and would be packed with it from now on. */
  readonly isPacked: boolean;
  /** Its files are not all as the commit that it names has them. */
  readonly isUncommitted: boolean;
}

/**
 * Packs a module as `publishModule` does, into an OCI image layout instead of a registry. The same files
 * give the same bytes.
 *
 * @throws OciError `OCI_OUTPUT_EXISTS`
 * @throws DeployError, SchemaError, OciError as `packModule`
 */
export async function buildModule(
  context: DeployContext,
  request: BuildModuleRequest,
): Promise<BuiltModuleFile> {
  const { dir, output, format } = request;
  await using packed = await packModule(context, request);
  const { artifact, files, version } = packed;
  await writeLayout(artifact, output, { format, tags: [version], signal: context.signal });
  return {
    name: moduleName(files),
    output,
    format,
    version,
    digest: artifact.digest,
    isPacked: await isPacked(dir, output),
    isUncommitted: UNCOMMITTED_ANNOTATION in artifact.annotations,
  };
}
