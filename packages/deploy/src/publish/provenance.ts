import { createHash } from "node:crypto";

import { type Digest, digestAlgorithm, digestHex, isDigest } from "@tenon/core";
import { dependencyFolder } from "@tenon/cue-wasm";
import {
  type Annotations,
  IMAGES_ANNOTATION,
  REVISION_ANNOTATION,
  SOURCE_ANNOTATION,
  UNCOMMITTED_ANNOTATION,
  VERSION_ANNOTATION,
} from "@tenon/oci";

/** The predicate of {@link provenanceStatement}. */
export const provenanceType = "https://slsa.dev/provenance/v1" as const;

/** What a module was packed from. */
export interface ProvenanceFacts {
  readonly name: string;
  /** Digest and annotations of its manifest. */
  readonly digest: Digest;
  readonly annotations: Annotations;
  /** The files that were packed, and those of the CUE modules that they require. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Version of the program that packed it. */
  readonly version?: string | undefined;
}

/** `ResourceDescriptor` of in-toto, as far as it is used here. */
interface Resource {
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  readonly digest?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * The statement of in-toto that says how a module was packed: from which commit, with which vendored
 * packages and CUE modules, and which images it deploys. It follows from the artifact and the version of
 * the program alone; there is no time in it.
 *
 * @see https://slsa.dev/spec/v1.1/provenance
 */
export function provenanceStatement(facts: ProvenanceFacts): string {
  const { name, digest, annotations, files, version } = facts;
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name, digest: { sha256: digestHex(digest) } }],
    predicateType: provenanceType,
    predicate: {
      buildDefinition: {
        buildType: "https://tenon.dev/module/v1",
        externalParameters: { module: name, version: annotations[VERSION_ANNOTATION] },
        resolvedDependencies: [
          ...sourceOf(annotations),
          ...foldersOf(files, vendoredFolder),
          ...foldersOf(files, requiredModule),
          ...imagesOf(annotations),
        ],
      },
      runDetails: {
        builder: { id: "https://tenon.dev/cli", version: version && { tenon: version } },
      },
    },
  });
}

function sourceOf(annotations: Annotations): Resource[] {
  const uri = gitUri(annotations[SOURCE_ANNOTATION]);
  const commit = annotations[REVISION_ANNOTATION];
  if (uri === undefined && commit === undefined) return [];
  const digest = commit === undefined ? undefined : { gitCommit: commit };
  const uncommitted = annotations[UNCOMMITTED_ANNOTATION];
  const marks = uncommitted === undefined ? undefined : { [UNCOMMITTED_ANNOTATION]: uncommitted };
  return [{ name: "source", uri, digest, annotations: marks }];
}

/** The address of a git repository as SPDX has it; nothing for a path on a machine. */
function gitUri(remote: string | undefined): string | undefined {
  const [, user = "", host, path] =
    /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/)(.+)$/.exec(remote ?? "") ?? [];
  if (host !== undefined) return `git+ssh://${user && `${user}@`}${host}/${path}`;
  if (remote === undefined || !URL.canParse(remote)) return undefined;
  const url = new URL(remote);
  if (url.host === "") return undefined;
  url.password = "";
  if (url.protocol.startsWith("http")) url.username = "";
  return `git+${url.href}`;
}

/** Path of a vendored file: the packages of one host are one dependency. */
const vendoredFolder = /^(cue\.mod\/(?:gen|pkg|usr)\/[^/]+)\/(.+)$/;

/** Path of a file of a CUE module that is required: `path@version` is one dependency. */
const requiredModule = new RegExp(`^${dependencyFolder}(.+?@[^/]+)/(.+)$`);

/** The folders that a pattern finds among files, each with the digest of all that is in it. */
function foldersOf(files: ReadonlyMap<string, Uint8Array>, pattern: RegExp): Resource[] {
  const folders = new Map<string, string[]>();
  for (const path of [...files.keys()].toSorted()) {
    const [, folder, file] = pattern.exec(path) ?? [];
    if (folder === undefined || file === undefined) continue;
    const hash = createHash("sha256").update(files.get(path)!).digest("hex");
    const lines = folders.get(folder) ?? [];
    lines.push(`${hash}  ${folder}/${file}\n`);
    folders.set(folder, lines);
  }
  return [...folders].map(([name, lines]) => ({ name, digest: { dirHash: dirHash(lines) } }));
}

/**
 * The `dirHash` of in-toto, which is the hash of Go modules, `h1`, in hexadecimal.
 *
 * @see https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/digest_set.md
 */
function dirHash(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("")).digest("hex");
}

function imagesOf(annotations: Annotations): Resource[] {
  const images = (annotations[IMAGES_ANNOTATION] ?? "").split(",").filter((image) => image !== "");
  return images.map((image) => {
    const [name = "", digest] = image.split("@");
    const isKnown = digest !== undefined && isDigest(digest);
    const hash = isKnown ? { [digestAlgorithm(digest)]: digestHex(digest) } : undefined;
    return { uri: `oci://${name}`, digest: hash };
  });
}
