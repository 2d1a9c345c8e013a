import { verified } from "../content/verify.ts";
import { counted, readAll, tooLarge } from "../content/web-stream.ts";
import { OciError } from "../errors.ts";
import type { CallOptions, Descriptor, Registry } from "../registry.ts";
import type { LayerCache } from "./layer-cache.ts";
import type { OnProgress } from "./progress.ts";
import { transferAll } from "./transfer-all.ts";

/** Options of {@link openLayer}. */
export interface OpenLayerOptions extends CallOptions {
  readonly cache?: LayerCache | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Reads a layer into memory, from the cache where it holds it.
 *
 * @throws OciError `OCI_TOO_LARGE` past `maxBytes`, and as {@link Registry.readBlob}
 */
export async function readLayer(
  registry: Registry,
  repository: string,
  layer: Descriptor,
  options: OpenLayerOptions & { readonly maxBytes: number },
): Promise<Uint8Array> {
  const what = `layer ${layer.digest} of ${repository}`;
  if (layer.size > options.maxBytes) throw tooLarge(what, options.maxBytes);
  return readAll(await openLayer(registry, repository, layer, options), options.maxBytes, what);
}

/**
 * Opens a layer, from the cache where it holds it. The content fails at its end unless it is that of
 * the digest.
 *
 * @throws OciError as {@link Registry.readBlob}
 */
async function openLayer(
  registry: Registry,
  repository: string,
  layer: Descriptor,
  options: OpenLayerOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const { cache, signal } = options;
  const cached = await cache?.find(layer.digest);
  if (cached !== undefined) {
    report(options, layer, "exists", layer.size);
    return cached;
  }
  const chunks = download(registry, repository, layer, options);
  if (cache === undefined) return chunks;
  await cache.store(layer.digest, chunks, { signal });
  const stored = await cache.find(layer.digest);
  if (stored !== undefined) return stored;
  throw new OciError(
    "OCI_DIGEST_MISMATCH",
    `Cannot use layer ${layer.digest}: the cache damaged it`,
  );
}

/**
 * Opens layers, in their order. With a cache they have been fetched then, several at once; without one, each is
 * fetched while it is read.
 *
 * @throws OciError as {@link Registry.readBlob}
 */
export async function openLayers(
  registry: Registry,
  repository: string,
  layers: readonly Descriptor[],
  options: OpenLayerOptions,
): Promise<AsyncIterable<Uint8Array>[]> {
  // What is fetched while it is read must not be stopped when the last one is open.
  const open = (layer: Descriptor, signal: AbortSignal) =>
    openLayer(registry, repository, layer, {
      ...options,
      signal: options.cache === undefined ? options.signal : signal,
    });
  return transferAll(layers, open, { concurrency: 4, signal: options.signal });
}

async function* download(
  registry: Registry,
  repository: string,
  layer: Descriptor,
  options: OpenLayerOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { digest, size } = layer;
  let done = 0;
  report(options, layer, "started", done);
  const { stream } = await registry.readBlob(
    repository,
    { digest, size },
    { signal: options.signal, verify: false },
  );
  const chunks = verified(stream, { digest, size, what: `layer ${digest}` });
  yield* counted(chunks, (bytes) => report(options, layer, "moving", (done += bytes)));
  report(options, layer, "done", size);
}

function report(
  options: OpenLayerOptions,
  layer: Descriptor,
  state: "started" | "moving" | "done" | "exists",
  done: number,
): void {
  options.onProgress?.({ digest: layer.digest, size: layer.size, state, done });
}
