import { stat } from "node:fs/promises";
import { join } from "node:path";

import type { UnpackedFile } from "../archive/extract-tar.ts";
import { fileSize, isMissing } from "../content/node-file.ts";
import { OciError, foreignText } from "../errors.ts";
import type { Descriptor } from "../registry.ts";
import type { PackedArtifact } from "./artifact-manifest.ts";
import {
  CONTENT_MEDIA_TYPE,
  CONTENT_TYPE_ANNOTATION,
  MODULE_CONTENT,
  VENDOR_CONTENT,
  VERSION_ANNOTATION,
} from "./constants.ts";
import { type OpenBuiltOptions, openBuilt } from "./open-built.ts";
import { pullModule } from "./pull-module.ts";

/** A module in an OCI layout, every byte of it verified. Dispose of it when it is pushed. */
export interface BuiltModule extends PackedArtifact {
  /** The version that it was built as; none if it does not say. */
  readonly version: string | undefined;
  readonly files: ReadonlyMap<string, UnpackedFile>;
}

/** Tells whether a path is a file, or a folder that is an OCI layout: no folder of a module. */
export async function isBuilt(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isFile()) return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  return (await fileSize(join(path, "oci-layout"))) !== undefined;
}

/**
 * Opens a module that was written as an OCI layout, and verifies it: as {@link openBuilt}, and the manifest is
 * that of a module, whose layers can be unpacked.
 *
 * @throws OciError `OCI_UNSUPPORTED_MEDIA_TYPE`, and as {@link openBuilt} and {@link pullModule}
 */
export async function openBuiltModule(
  path: string,
  options: OpenBuiltOptions = {},
): Promise<BuiltModule> {
  return openBuilt(
    path,
    {
      command: "tenon mod build",
      async verify({ layout, ref, layers }) {
        checkLayers(path, layers);
        const { annotations, files } = await pullModule(layout, ref, options);
        return { version: annotations[VERSION_ANNOTATION], files };
      },
    },
    options,
  );
}

/** A module has two layers, in this order; other artifacts of the same type have others. */
function checkLayers(path: string, layers: readonly Descriptor[]): void {
  const actual = layers.map(({ mediaType, annotations }) =>
    mediaType === CONTENT_MEDIA_TYPE ? (annotations?.[CONTENT_TYPE_ANNOTATION] ?? "") : mediaType,
  );
  const expected = [VENDOR_CONTENT, MODULE_CONTENT];
  if (actual.length === 2 && expected.every((type, index) => actual[index] === type)) return;
  const shown = foreignText(JSON.stringify(actual));
  throw new OciError(
    "OCI_UNSUPPORTED_MEDIA_TYPE",
    `Cannot use OCI layout ${path}: it is no module: its layers are ${shown}, must be ${JSON.stringify(expected)}`,
    { hint: "Build it with `tenon mod build`" },
  );
}
