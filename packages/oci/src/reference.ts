import { type Digest, isDigest } from "@tenon/core";

import { OciError } from "./errors.ts";

/** A repository name that the specification allows, without the registry's host. */
export type RepositoryName = string & { readonly __brand: "RepositoryName" };

/** A tag that the specification allows. */
export type Tag = string & { readonly __brand: "Tag" };

/** Host and port of a registry, in canonical form. */
export type RegistryHost = string & { readonly __brand: "RegistryHost" };

/** Where an artifact is. Without `tag` and `digest` it names the repository. */
export interface Reference {
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  readonly tag?: Tag | undefined;
  readonly digest?: Digest | undefined;
}

const scheme = "oci://";
const dockerHub = "index.docker.io";
const shortDockerHub = "docker.io";
const dockerHubAliases: readonly string[] = [shortDockerHub, dockerHub, "registry-1.docker.io"];
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const host =
  /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::(\d{1,5}))?$/;

/**
 * Reads `oci://host[:port]/repository[:tag][@sha256:…]`. Docker Hub's names are made canonical:
 * `docker.io/nginx` is `index.docker.io/library/nginx`.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 * @example
 * ```ts
 * const reference = parseReference("oci://ghcr.io/org/app:1.2.0");
 * // reference.repository is "org/app"
 * ```
 */
export function parseReference(text: string): Reference {
  if (!text.startsWith(scheme)) {
    throw invalid(text, "it must begin with oci://", {
      hint: looksLikeReference(text) ? `Write ${scheme}${text.replace(/^[a-z]+:\/\//, "")}` : form,
    });
  }
  const [name, tail] = splitTail(text, text.slice(scheme.length));
  const [hostText, path] = splitHost(name);
  const repositoryText =
    hostText === dockerHub && !path.includes("/") && path !== "" ? `library/${path}` : path;
  return {
    host: readHost(text, hostText),
    repository: readRepository(text, repositoryText),
    ...tail,
  };
}

/** Writes a reference the way {@link parseReference} reads it. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${formatRepository(reference)}${tag}${digest}`;
}

/** `oci://host/repository`, without tag and digest. */
export function formatRepository(reference: Pick<Reference, "host" | "repository">): string {
  return `${scheme}${reference.host}/${reference.repository}`;
}

/**
 * Checks the name of a repository.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function parseRepository(text: string): RepositoryName {
  return readRepository(text, text);
}

/**
 * Checks a tag: letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`, at most 128.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function parseTag(text: string): Tag {
  if (isTag(text)) return text;
  throw new OciError(
    "OCI_REFERENCE_INVALID",
    `Cannot read tag ${quote(text)}: it ${tagRule(text)}`,
    {
      hint: "A tag has 1 to 128 letters, digits, '_', '.' or '-', and begins with a letter, digit or '_'",
    },
  );
}

/** Tells whether a text is a tag. */
export function isTag(text: string): text is Tag {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text);
}

/**
 * Checks the host of a registry and gives its canonical form.
 *
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export function parseHost(text: string): RegistryHost {
  return readHost(text, isDockerHub(text) ? dockerHub : text);
}

/** Checks what a method of a registry is asked for: a tag or a digest. */
export function parseTagOrDigest(text: string): Tag | Digest {
  return isDigest(text) ? text : parseTag(text);
}

const form = "Write oci://<host>/<repository>, such as oci://ghcr.io/org/app";

function splitTail(text: string, rest: string): [string, Pick<Reference, "tag" | "digest">] {
  const at = rest.indexOf("@");
  const named = at < 0 ? rest : rest.slice(0, at);
  const digest = at < 0 ? undefined : readDigest(text, rest.slice(at + 1));
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  if (colon < 0 || isHostAlone(named)) return [named, { ...(digest && { digest }) }];
  const tag = named.slice(colon + 1);
  if (!isTag(tag)) throw invalid(text, `the tag ${quote(tag)} ${tagRule(tag)}`);
  return [named.slice(0, colon), { tag, ...(digest && { digest }) }];
}

/** Without a slash, `localhost:5000` and `ghcr.io` are hosts, and `nginx:1.25` is not. */
function isHostAlone(name: string): boolean {
  return /^(?:localhost|[^/:]*\.[^/:]*|\[[^/]*\])(?::\d+)?$/i.test(name);
}

function splitHost(name: string): [string, string] {
  if (isHostAlone(name)) return [name, ""];
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  if (first === "localhost" || first.includes(".") || first.includes(":")) {
    return [isDockerHub(first) ? dockerHub : first, name.slice(slash + 1)];
  }
  return [dockerHub, name];
}

function readHost(text: string, candidate: string): RegistryHost {
  const match = host.exec(candidate);
  if (match === null) throw invalid(text, `${quote(candidate)} is not a host name`, { hint: form });
  if (Number(match[1] ?? 1) > 65_535 || Number(match[1] ?? 1) === 0) {
    throw invalid(text, `there is no port ${match[1]}`);
  }
  return candidate.toLowerCase() as RegistryHost;
}

function readRepository(text: string, name: string): RepositoryName {
  if (name === "") throw invalid(text, "the repository is missing", { hint: form });
  if (name.length > 255) {
    throw invalid(text, `the repository ${quote(name)} must have at most 255 characters`);
  }
  const bad = name.split("/").find((part) => !component.test(part));
  if (bad === undefined) return name as RepositoryName;
  const lower = /[A-Z]/.test(bad) ? `Write it in lower case: ${name.toLowerCase()}` : undefined;
  throw invalid(
    text,
    bad === ""
      ? "the repository has an empty part"
      : `${quote(bad)} cannot be part of a repository`,
    { hint: lower ?? "Parts have a-z and 0-9, with '.', '_' or '-' between them" },
  );
}

function readDigest(text: string, digest: string): Digest {
  if (isDigest(digest)) return digest;
  throw invalid(text, `${quote(digest)} is not a digest`, {
    hint: "A digest is sha256: and 64 hex digits",
  });
}

function tagRule(tag: string): string {
  if (tag === "") return "is empty";
  if (tag.length > 128) return "has more than 128 characters";
  if (/^[.-]/.test(tag)) return `must not begin with ${quote(tag[0]!)}`;
  const bad = /[^A-Za-z0-9._-]/u.exec(tag);
  return `must not contain ${quote(bad?.[0] ?? "")}`;
}

function looksLikeReference(text: string): boolean {
  return /^(?:https?:\/\/|docker:\/\/)?[a-z0-9.:-]+\/[a-z0-9./_-]+/i.test(text);
}

function invalid(text: string, why: string, options: { hint?: string } = {}): OciError {
  return new OciError(
    "OCI_REFERENCE_INVALID",
    `Cannot read reference ${quote(text)}: ${why}`,
    options,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}

/** Tells whether a host is one of Docker Hub's names. */
export function isDockerHub(host: string): boolean {
  return dockerHubAliases.includes(host);
}

/** The host as users and mirror tables write it: Docker Hub's by its short name. */
export function shownHost(host: string): string {
  return host === dockerHub ? shortDockerHub : host;
}
