import {
  type Descriptor,
  EMPTY_JSON,
  IMAGE_MANIFEST,
  type Registry,
  SIGN_PREDICATE_TYPE,
  attachFile,
  bytesContent,
  createMemoryRegistry,
} from "@tenon/oci";

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";

/** The repository of {@link openArtifacts}. */
export const repository = "org/app";

/** A registry in memory with artifacts to sign. */
export interface Artifacts {
  readonly registry: Registry;
  /** Two artifacts. */
  readonly subject: Descriptor;
  readonly other: Descriptor;
  /** Attaches a text as a bundle to the first artifact. */
  attachBundle(content: unknown, annotations?: Record<string, string>): Promise<Descriptor>;
  /** Puts payloads with annotations under the tag of cosign's older format. */
  putLegacy(...layers: readonly LegacyLayer[]): Promise<void>;
}

/** A signature of cosign's older format. */
export interface LegacyLayer {
  readonly payload: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Makes a registry with two artifacts. */
export async function openArtifacts(): Promise<Artifacts> {
  const registry = createMemoryRegistry();
  const subject = await pushSmallArtifact(registry, repository, { name: "subject" });
  const other = await pushSmallArtifact(registry, repository, { name: "other" });
  return {
    registry,
    subject,
    other,
    attachBundle: (content, annotations) =>
      attachFile(registry, repository, subject, {
        artifactType: bundleType,
        mediaType: bundleType,
        content: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
        annotations,
      }),
    async putLegacy(...signatures) {
      const layers = await Promise.all(
        signatures.map(async ({ payload, annotations }) => ({
          mediaType: simpleSigningType,
          annotations,
          ...(await pushBytes(registry, repository, payload)),
        })),
      );
      const tags = [`${subject.digest.replace(":", "-")}.sig`];
      await pushSmallArtifact(registry, repository, { layers, tags });
    },
  };
}

/** What makes a small artifact differ from others. */
export interface SmallArtifact {
  readonly name?: string | undefined;
  readonly layers?: readonly object[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Pushes an artifact that is no more than its manifest. */
export async function pushSmallArtifact(
  registry: Registry,
  to: string,
  { name, layers = [], tags = [] }: SmallArtifact,
): Promise<Descriptor> {
  const blob = await pushBytes(registry, to, Buffer.from("{}"));
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: IMAGE_MANIFEST,
      config: { mediaType: EMPTY_JSON, ...blob },
      layers,
      ...(name !== undefined && { annotations: { name } }),
    }),
  );
  return registry.pushManifest(to, { mediaType: IMAGE_MANIFEST, bytes }, { tags });
}

async function pushBytes(registry: Registry, to: string, bytes: Uint8Array) {
  const { digest, size, open } = bytesContent(bytes);
  await registry.pushBlob(to, { digest, size }, open);
  return { digest, size };
}

/** An in-toto statement about an artifact. */
export function statementAbout(
  { digest }: Descriptor,
  predicateType: string = SIGN_PREDICATE_TYPE,
) {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: digest.replace("sha256:", "") } }],
    predicateType,
    predicate: {},
  };
}

/** A payload of cosign's older format about an artifact. */
export function payloadAbout({ digest }: Descriptor): Buffer {
  const critical = {
    identity: { "docker-reference": "example.com/org/app" },
    image: { "docker-manifest-digest": digest },
    type: "cosign container image signature",
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}
