import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { withFileLock } from "../content/file-lock.ts";
import {
  type WriteFileAtomicOptions,
  fileSize,
  isMissing,
  makeFolder,
  writeFileAtomic,
} from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import { IMAGE_INDEX } from "../media-types.ts";
import { unknownName } from "../missing.ts";
import type { CallOptions, Descriptor } from "../registry.ts";

/** The annotation of an index entry that holds its tag. */
export const REF_NAME = "org.opencontainers.image.ref.name" as const;

/** `index.json` of a layout. Fields that this package does not know stay as they are. */
export interface LayoutIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string | undefined;
  readonly manifests: readonly Descriptor[];
  readonly [field: string]: unknown;
}

/** Reads the index of a layout that must exist. */
export async function readIndex(layout: string, repository: string): Promise<LayoutIndex> {
  const index = await findIndex(layout);
  if (index === undefined) throw unknownName(repository);
  return index;
}

/** Reads the index of a layout, or nothing where there is no layout. `name` is what messages call it. */
export async function findIndex(
  layout: string,
  name: string = layout,
): Promise<LayoutIndex | undefined> {
  if ((await fileSize(join(layout, "oci-layout"))) === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(join(layout, "index.json"), "utf8");
  } catch (error) {
    if (isMissing(error)) return emptyIndex;
    throw error;
  }
  return parseIndex(text, name);
}

/** One change of an index, and of the files that belong to it. */
export interface IndexChange {
  /** The manifests that shall stand in the index; it may write files first. */
  readonly change: (
    manifests: readonly Descriptor[],
  ) => readonly Descriptor[] | Promise<readonly Descriptor[]>;
  /** What is done when the index has changed, before the next writer's turn. */
  readonly after?: (() => Promise<void>) | undefined;
}

/** Changes the index; writers wait for each other, readers see the old or the new one. */
export async function updateIndex(
  layout: string,
  { change, after }: IndexChange,
  options: CallOptions & Pick<WriteFileAtomicOptions, "temporary"> = {},
): Promise<void> {
  await withFileLock(join(layout, ".lock"), options.signal, async (lock) => {
    const index = (await findIndex(layout)) ?? emptyIndex;
    const manifests = await change(index.manifests);
    await writeFileAtomic(join(layout, "index.json"), JSON.stringify({ ...index, manifests }), {
      durable: true,
      temporary: options.temporary,
      beforeRename: () => lock.check(),
    });
    await after?.();
  });
}

/** Makes the files that every layout has. */
export async function ensureLayout(layout: string, temporary?: string): Promise<void> {
  const marker = join(layout, "oci-layout");
  if ((await fileSize(marker)) !== undefined) return;
  await makeFolder(join(layout, "blobs", "sha256"));
  if ((await fileSize(join(layout, "index.json"))) === undefined) {
    await updateIndex(layout, { change: (manifests) => manifests }, { temporary });
  }
  const content = JSON.stringify({ imageLayoutVersion: "1.0.0" });
  await writeFileAtomic(marker, content, { durable: true, temporary });
}

/** The tag of an index entry. */
export function refName(entry: Descriptor): string | undefined {
  return entry.annotations?.[REF_NAME];
}

const emptyIndex: LayoutIndex = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [] };

function parseIndex(text: string, layout: string): LayoutIndex {
  try {
    const index = JSON.parse(text) as LayoutIndex | null;
    if (Array.isArray(index?.manifests)) return index!;
  } catch (cause) {
    throw invalidLayout(layout, "its index.json is not JSON", cause);
  }
  throw invalidLayout(layout, "its index.json lists no manifests");
}

/** The error for a folder that is no layout, or one that is damaged. */
export function invalidLayout(layout: string, why: string, cause?: unknown): OciError {
  return new OciError("OCI_LAYOUT_INVALID", `Cannot read OCI layout ${layout}: ${why}`, { cause });
}

/** An entry by its digest alone. */
export function withoutTag(entry: Descriptor): Descriptor {
  if (refName(entry) === undefined) return entry;
  const { [REF_NAME]: _, ...annotations } = entry.annotations ?? {};
  return { ...entry, annotations };
}
