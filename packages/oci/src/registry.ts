import type { Digest } from "@tenon/core";

/** The largest manifest that is read or stored: 4 MiB, the least that the specification asks of registries. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;

/** Points at content by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly artifactType?: string | undefined;
  /** What a manifest in an index is for. */
  readonly platform?: Platform | undefined;
}

/** What an image runs on, in the words of Go: `linux`, `arm64`, `v8`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** A manifest as its exact bytes. `descriptor.digest` is computed over them. */
export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** Gives the same bytes from the start each time, so that an upload can be repeated. */
export type OpenContent = () => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>;

/** Gives what {@link OpenContent} gives, from one of its bytes on. */
export type OpenContentFrom = (
  start: number,
) => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>;

/** A blob to read: the digest, and the size where a manifest names it. */
export interface BlobRef {
  readonly digest: Digest;
  readonly size?: number | undefined;
}

/** An open blob. The stream fails at its end if the bytes are not those of the digest. */
export interface OpenBlob {
  /** Size of the whole blob, also when only a part of it is read. */
  readonly size: number;
  readonly stream: ReadableStream<Uint8Array>;
}

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Registry.readBlob}. A part of a blob cannot be verified by its digest. */
export interface ReadBlobOptions extends CallOptions {
  /** First byte to read; 0 by default. */
  readonly start?: number | undefined;
  /** Byte after the last one to read; the size of the blob by default. */
  readonly end?: number | undefined;
  /** False where the caller verifies what it reads, as whoever pushes it elsewhere does. */
  readonly verify?: boolean | undefined;
}

/** Options of {@link Registry.pushBlob}. */
export interface PushBlobOptions extends CallOptions {
  /**
   * Lets an upload that broke go on without reading again what was sent before.
   */
  readonly openFrom?: OpenContentFrom | undefined;
}

/** Options of {@link Registry.pushManifest}. */
export interface PushManifestOptions extends CallOptions {
  /** Tags that shall point to the manifest; with none it can be reached by its digest only. */
  readonly tags?: readonly string[] | undefined;
  /** Digest to store it under, such as one of sha512; its sha256 digest by default. */
  readonly digest?: Digest | undefined;
}

/** Options of {@link Registry.listReferrers}. */
export interface ListReferrersOptions extends CallOptions {
  readonly artifactType?: string | undefined;
}

/**
 * A place that stores artifacts by repository: a remote registry, a directory, or memory.
 *
 * `reference` is a tag or a digest. Each method rejects with `OCI_REFERENCE_INVALID` for names that
 * the specification forbids; those that talk to a server also with `OCI_UNREACHABLE`,
 * `OCI_UNAUTHORIZED`, `OCI_DENIED`, `OCI_RATE_LIMITED`, `OCI_SERVER_FAILED` and `OCI_PROTOCOL_VIOLATED`.
 */
export interface Registry {
  /**
   * Finds what a tag or digest points to. A remote registry is asked for headers only, so content
   * read by the digest that it names is verified, but the digest itself is its claim.
   *
   * @throws OciError `OCI_NAME_UNKNOWN`, `OCI_MANIFEST_UNKNOWN`
   */
  resolveManifest(
    repository: string,
    reference: string,
    options?: CallOptions,
  ): Promise<Descriptor>;
  /**
   * Reads a manifest, verified against the digest if that was asked for.
   *
   * @throws OciError `OCI_NAME_UNKNOWN`, `OCI_MANIFEST_UNKNOWN`, `OCI_TOO_LARGE`, `OCI_DIGEST_MISMATCH`
   */
  readManifest(repository: string, reference: string, options?: CallOptions): Promise<Manifest>;
  /** The size of a blob, or nothing when the repository does not hold it. */
  statBlob(repository: string, digest: Digest, options?: CallOptions): Promise<number | undefined>;
  /**
   * Opens a blob. The stream ends with `OCI_DIGEST_MISMATCH` or `OCI_SIZE_MISMATCH` when the content
   * is not what was asked for: keep nothing of it before its end.
   *
   * @throws OciError `OCI_NAME_UNKNOWN`, `OCI_BLOB_UNKNOWN`, `OCI_SIZE_MISMATCH`, `OCI_RANGE_INVALID`
   */
  readBlob(repository: string, blob: BlobRef, options?: ReadBlobOptions): Promise<OpenBlob>;
  /**
   * Stores a manifest under its digest and the given tags, overwriting where a tag points elsewhere.
   *
   * @throws OciError `OCI_MANIFEST_INVALID`, `OCI_TOO_LARGE`, `OCI_DIGEST_MISMATCH`, `OCI_BLOB_UNKNOWN` for content that it misses
   */
  pushManifest(
    repository: string,
    manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
    options?: PushManifestOptions,
  ): Promise<Descriptor>;
  /**
   * Stores a blob. Who stores it checks size and digest: of a remote registry that is asked for by the specification,
   * and where it finds another digest, the content is read again to tell whether it was so from the start. `open` is
   * called again when a try fails.
   *
   * @throws OciError `OCI_DIGEST_MISMATCH`, `OCI_SIZE_MISMATCH`, `OCI_TOO_LARGE`
   */
  pushBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: OpenContent,
    options?: PushBlobOptions,
  ): Promise<void>;
  /** Makes a blob of another repository available here without moving it; false where that is not possible. */
  mountBlob(
    repository: string,
    digest: Digest,
    from: string,
    options?: CallOptions,
  ): Promise<boolean>;
  /**
   * The tags of a repository. The specification wants them in lexical order without regard to case; not every registry does.
   *
   * @throws OciError `OCI_NAME_UNKNOWN` at the first step
   */
  listTags(repository: string, options?: CallOptions): AsyncIterable<string>;
  /**
   * The repositories.
   *
   * @throws OciError `OCI_UNSUPPORTED` where the registry offers no catalog
   */
  listRepositories(options?: CallOptions): AsyncIterable<string>;
  /** The manifests whose `subject` is this digest; none if nothing is known of it. */
  listReferrers(
    repository: string,
    subject: Digest,
    options?: ListReferrersOptions,
  ): AsyncIterable<Descriptor>;
  /**
   * Deletes a manifest and every tag that points to it.
   *
   * @throws OciError `OCI_NAME_UNKNOWN`, `OCI_MANIFEST_UNKNOWN`, `OCI_UNSUPPORTED`
   */
  deleteManifest(repository: string, digest: Digest, options?: CallOptions): Promise<void>;
  /**
   * Deletes a tag and leaves the manifest.
   *
   * @throws OciError `OCI_NAME_UNKNOWN`, `OCI_MANIFEST_UNKNOWN`, `OCI_UNSUPPORTED`
   */
  deleteTag(repository: string, tag: string, options?: CallOptions): Promise<void>;
  /**
   * Deletes a blob.
   *
   * @throws OciError `OCI_NAME_UNKNOWN`, `OCI_BLOB_UNKNOWN`, `OCI_UNSUPPORTED`
   */
  deleteBlob(repository: string, digest: Digest, options?: CallOptions): Promise<void>;
}
