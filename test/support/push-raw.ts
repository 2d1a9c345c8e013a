import { createHash } from "node:crypto";

/** What to push, by the media types that it claims. */
export interface RawArtifact {
  readonly layer: Uint8Array;
  readonly configType?: string;
  readonly layerType?: string;
}

/** Pushes an artifact with one layer as it is, by the bare protocol, under the tag 1.0.0. */
export async function pushRaw(image: string, artifact: RawArtifact): Promise<void> {
  const [host, ...rest] = image.split("/");
  const base = `http://${host}/v2/${rest.join("/")}`;
  const config = await pushBlob(base, Buffer.from("{}"));
  const layer = await pushBlob(base, artifact.layer);
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: artifact.configType ?? "application/vnd.timoni.config.v1+json",
      ...config,
    },
    layers: [
      {
        mediaType: artifact.layerType ?? "application/vnd.timoni.content.v1.tar+gzip",
        ...layer,
        annotations: { "sh.timoni.content.type": "module" },
      },
    ],
    annotations: { "org.opencontainers.image.version": "1.0.0" },
  };
  await send(`${base}/manifests/1.0.0`, "PUT", {
    headers: { "content-type": manifestType },
    body: JSON.stringify(manifest),
  });
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

async function pushBlob(
  base: string,
  bytes: Uint8Array,
): Promise<{ size: number; digest: string }> {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const started = await send(`${base}/blobs/uploads/`, "POST", {});
  const location = new URL(started.headers.get("location") ?? "", base);
  location.searchParams.set("digest", digest);
  await send(location.href, "PUT", {
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.from(bytes),
  });
  return { size: bytes.length, digest };
}

async function send(url: string, method: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, method });
  if (!response.ok)
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}
