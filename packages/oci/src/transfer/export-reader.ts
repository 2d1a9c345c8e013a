import { type Digest, isDigest } from "@tenon/core";

import type { CopySource } from "../artifact/copy-artifact.ts";
import { computeDigest } from "../content/compute-digest.ts";
import { checkDigest, sizeMismatch, verified } from "../content/verify.ts";
import { readAll, toWebStream } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST } from "../media-types.ts";
import { unknownManifest } from "../missing.ts";
import { MAX_MANIFEST_BYTES, type Manifest } from "../registry.ts";
import { type ExportIndex, blobName, parseExportIndex } from "./export-index.ts";
import { type LayoutFiles, openLayoutFiles } from "./layout-files.ts";

/** The largest `index.json` that is read: about 100,000 entries. */
const maxIndexBytes = 64 * 1024 * 1024;

/** An export that is open for reading. Dispose it to close its file. */
export interface ExportReader extends AsyncDisposable {
  readonly path: string;
  readonly index: ExportIndex;
  /** Where `copyArtifact` reads from, by digest only; everything is verified on the way. */
  readonly source: CopySource["registry"];
  /** Reads a manifest; nothing where the export has none of that digest. */
  findManifest(digest: Digest): Promise<Manifest | undefined>;
}

/**
 * Opens an export, in a folder or in an archive.
 *
 * @throws OciError `OCI_LAYOUT_INVALID`, `OCI_ARCHIVE_INVALID`, `OCI_ARCHIVE_UNSAFE`, `OCI_TOO_LARGE`
 */
export async function openExport(path: string): Promise<ExportReader> {
  const files = await openLayoutFiles(path);
  try {
    const text = await readAll(files.read("index.json"), maxIndexBytes, `index of ${path}`);
    const index = parseExportIndex(text.toString("utf8"), path);
    const findManifest = (digest: Digest): Promise<Manifest | undefined> =>
      readManifest(files, digest);
    return {
      path,
      index,
      findManifest,
      source: { ...readerOf(files, index), ...noReferrers },
      [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
    };
  } catch (error) {
    await files[Symbol.asyncDispose]();
    throw error;
  }
}

/** The index of an export names all referrers, with the repositories that they are in. */
const noReferrers: Pick<CopySource["registry"], "listReferrers"> = {
  async *listReferrers() {},
};

function readerOf(
  files: LayoutFiles,
  { isPartial }: ExportIndex,
): Omit<CopySource["registry"], "listReferrers"> {
  return {
    async readManifest(repository, reference) {
      const found = isDigest(reference) ? await readManifest(files, reference) : undefined;
      if (found === undefined) throw unknownManifest(repository, reference);
      return found;
    },
    async readBlob(repository, { digest, size: expected }) {
      const name = blobName(digest);
      const size = await files.size(name);
      if (size === undefined) throw missingBlob(files.path, digest, isPartial);
      const what = `blob ${repository}@${digest} of ${files.path}`;
      if (expected !== undefined && expected !== size) {
        throw sizeMismatch({ size: expected, what }, String(size));
      }
      return { size, stream: toWebStream(verified(files.read(name), { digest, size, what })) };
    },
  };
}

async function readManifest(files: LayoutFiles, digest: Digest): Promise<Manifest | undefined> {
  const name = blobName(digest);
  if ((await files.size(name)) === undefined) return undefined;
  const what = `manifest ${digest} of ${files.path}`;
  const bytes = await readAll(files.read(name), MAX_MANIFEST_BYTES, what);
  checkDigest(computeDigest(bytes, digest), digest, what);
  const { mediaType, manifests } = parseManifest(bytes);
  const type = mediaType ?? (manifests.length > 0 ? IMAGE_INDEX : IMAGE_MANIFEST);
  return { descriptor: { mediaType: type, digest, size: bytes.byteLength }, bytes };
}

function missingBlob(path: string, digest: Digest, isPartial: boolean): OciError {
  const hint = isPartial
    ? "It was exported with --since: import what it builds upon first"
    : "It is damaged: export it again";
  return new OciError("OCI_BLOB_UNKNOWN", `Cannot find blob ${digest}: it is not in ${path}`, {
    hint,
  });
}
