import { ownOf } from "./rules/rule.ts";
import type { SchemaIndex } from "./schema-files.ts";

/** What one minor version of Kubernetes has of the API that the schemas describe. */
export interface KubernetesApi {
  /** For messages: the version of the schemas, or another minor one such as `1.33`. */
  readonly label: string;
  /** The version is the one of the schemas, which validates just what the rules say. */
  readonly isOwn: boolean;
  /** What the version has and lacks is known. */
  readonly isKnown: boolean;
  /** The minor version that brought a type, if this one does not have it. */
  typeSince(type: string): string | undefined;
  /** The minor version that brought a field, if this one does not have it. */
  fieldSince(type: string, field: string): string | undefined;
  /** Tells whether a field that the schemas do not have may be one of this version. */
  mayHave(type: string, field: string): boolean;
  /** Tells whether the version is older than a minor one. */
  isBefore(minor: string): boolean;
}

/**
 * The API of a Kubernetes version.
 *
 * @param version such as `1.33` or `1.33.4`; that of the schemas unless given
 */
export function apiOf(index: SchemaIndex, version: string = index.kubernetes): KubernetesApi {
  const { history, kubernetes } = index;
  const own = numberOf(kubernetes);
  const number = numberOf(version);
  const isOwn = number === own;
  const isBefore = (minor: string): boolean => number < numberOf(minor);
  const later = (since: string | undefined): string | undefined =>
    since !== undefined && isBefore(since) ? since : undefined;
  return {
    label: isOwn ? kubernetes : minorOf(version),
    isOwn,
    isKnown: number <= own && number >= numberOf(history.oldest),
    typeSince: (type) => later(ownOf(history.types, type)),
    fieldSince: (type, field) => later(ownOf(history.fields[type] ?? {}, field)),
    mayHave: (type, field) => !isOwn && (history.gone[type] ?? []).includes(field),
    isBefore,
  };
}

/** `1.33` of `1.33.4`. */
export function minorOf(version: string): string {
  return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}

/** Kubernetes has one major version. */
function numberOf(version: string): number {
  const [major, minor] = minorOf(version)
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return (major ?? 0) * 1000 + (minor ?? 0);
}
