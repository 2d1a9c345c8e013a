import { createHash, randomBytes } from "node:crypto";

import { type Digest, sha256 } from "@tenon/core";
import { Pool } from "undici";
import { expect } from "vitest";

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  json(): unknown;
}

/** What goes with a request. */
export interface Message {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** A blob with its digest. */
export interface Blob {
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** A manifest as its text, with its digest. */
export interface WireManifest extends Blob {
  readonly mediaType: string;
}

/** Speaks HTTP with a registry as it is: nothing is repeated, followed or checked on the way. */
export interface Wire extends AsyncDisposable {
  readonly origin: string;
  send(method: string, target: string, message?: Message): Promise<Answer>;
  /** Names a repository that nobody has used. */
  newRepository(): string;
  /** Stores bytes by POST and PUT. */
  pushBlob(repository: string, bytes?: Buffer | string): Promise<Blob>;
  /** Stores a manifest under a tag, or under its digest. */
  pushManifest(repository: string, manifest: WireManifest, tag?: string): Promise<Answer>;
  /** Stores an image without layers, and its config; the answer is its manifest. */
  pushImage(
    repository: string,
    tag?: string,
    more?: Readonly<Record<string, unknown>>,
  ): Promise<WireManifest>;
}

export const IMAGE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX = "application/vnd.oci.image.index.v1+json";
export const CONFIG = "application/vnd.example.config+json";

/** Opens a wire to a registry. */
export function openWire(origin: string): Wire {
  const pool = new Pool(origin, { connections: 4 });
  const wire: Wire = {
    origin,
    async send(method, target, message = {}) {
      const path = pathOf(target, origin);
      const { body } = message;
      const headers = { ...(/\/manifests\//.test(path) && accepts), ...message.headers };
      const response = await pool.request({ method, path, headers, body } as never);
      const bytes = Buffer.from(await response.body.arrayBuffer());
      return {
        status: response.statusCode,
        headers: response.headers as Record<string, string | undefined>,
        body: bytes,
        json: () => JSON.parse(bytes.toString("utf8")) as unknown,
      };
    },
    newRepository: () => `conformance/r-${randomBytes(6).toString("hex")}`,
    pushBlob: (repository, bytes = randomBytes(64)) => pushBlob(wire, repository, bytes),
    async pushManifest(repository, manifest, tag) {
      const answer = await wire.send(
        "PUT",
        `/v2/${repository}/manifests/${tag ?? manifest.digest}`,
        { headers: { "content-type": manifest.mediaType }, body: manifest.bytes },
      );
      expect(answer.status, answer.body.toString()).toBe(201);
      return answer;
    },
    async pushImage(repository, tag, more) {
      await wire.pushBlob(repository, "{}");
      const manifest = imageManifest(more);
      await wire.pushManifest(repository, manifest, tag);
      return manifest;
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
  return wire;
}

/** A manifest that nobody has pushed, of an image whose config is `{}`. */
export function imageManifest(more: Readonly<Record<string, unknown>> = {}): WireManifest {
  return manifestOf(IMAGE, {
    config: { mediaType: CONFIG, digest: sha256("{}"), size: 2 },
    layers: [],
    annotations: { nonce: randomBytes(8).toString("hex") },
    ...more,
  });
}

/** An index that nobody has pushed. */
export function indexManifest(more: Readonly<Record<string, unknown>> = {}): WireManifest {
  return manifestOf(INDEX, {
    manifests: [],
    annotations: { nonce: randomBytes(8).toString("hex") },
    ...more,
  });
}

/** A manifest as text, in any form. */
export function manifestText(text: string, mediaType = IMAGE): WireManifest {
  const bytes = Buffer.from(text);
  return { bytes, digest: sha256(bytes), mediaType };
}

/** The descriptor of a manifest. */
export function descriptorOf(manifest: WireManifest): {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
} {
  const { bytes, digest, mediaType } = manifest;
  return { mediaType, digest, size: bytes.length };
}

/** The sha512 digest of bytes. */
export function sha512(bytes: Buffer | string): string {
  return `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
}

/** Opens an upload; the answer is its location. */
export async function startUpload(wire: Wire, repository: string): Promise<string> {
  const { headers, status } = await wire.send("POST", `/v2/${repository}/blobs/uploads/`, {
    headers: { "content-length": "0" },
  });
  expect(status).toBe(202);
  return headers["location"] ?? "";
}

/** Sends one chunk that begins at a byte. */
export function sendChunk(
  wire: Wire,
  location: string,
  start: number,
  bytes: Buffer,
): Promise<Answer> {
  return wire.send("PATCH", location, {
    headers: { ...octets, "content-range": `${start}-${start + bytes.length - 1}` },
    body: bytes,
  });
}

/** Closes an upload, with what is left of the content. */
export function endUpload(
  wire: Wire,
  location: string,
  digest: string,
  bytes?: Buffer,
): Promise<Answer> {
  const headers = bytes === undefined ? { "content-length": "0" } : octets;
  return wire.send("PUT", withQuery(location, `digest=${digest}`), {
    headers,
    ...(bytes !== undefined && { body: bytes }),
  });
}

/** Adds to the query of a location, which may have one already. */
export function withQuery(location: string, query: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}${query}`;
}

/** The codes in the body of an error. */
export function codesOf(answer: Answer): string[] {
  const body = answer.json() as { errors: { code: string }[] };
  return body.errors.map(({ code }) => code);
}

const accepts = { accept: `${IMAGE}, ${INDEX}` } as const;

const octets = { "content-type": "application/octet-stream" } as const;

async function pushBlob(wire: Wire, repository: string, content: Buffer | string): Promise<Blob> {
  const bytes = Buffer.from(content);
  const digest = sha256(bytes);
  const answer = await endUpload(wire, await startUpload(wire, repository), digest, bytes);
  expect(answer.status, answer.body.toString()).toBe(201);
  return { bytes, digest };
}

function manifestOf(mediaType: string, body: Readonly<Record<string, unknown>>): WireManifest {
  return manifestText(JSON.stringify({ schemaVersion: 2, mediaType, ...body }), mediaType);
}

/** Locations may be absolute; they are followed within the registry only. */
function pathOf(target: string, origin: string): string {
  if (target.startsWith("/")) return target;
  const { origin: there, pathname, search } = new URL(target);
  expect(there).toBe(origin);
  return pathname + search;
}
