export type { Digest } from "./digest.ts";
export { digestAlgorithm, digestHex, isDigest, parseDigest, sha256 } from "./digest.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export {
  arrayElements,
  deleteMember,
  indentJson,
  objectMembers,
  pathAt,
  pathAtColumn,
  setMember,
} from "./json-text.ts";
export type { KubeObject, KubeObjectView, ObjectRef, ResourceSet } from "./kube-object.ts";
export { formatRef, groupOf, identityOf, kubeObject, refOf, versionOf } from "./kube-object.ts";
export { proxyAuthorization, proxyFor } from "./proxy.ts";
export { secretWords } from "./secret-words.ts";
export { suggest } from "./suggest.ts";
export type { Diagnostic, Position, TenonErrorOptions } from "./tenon-error.ts";
export {
  TenonError,
  hasCode,
  isTenonError,
  messageOf,
  printable,
  redactUrls,
} from "./tenon-error.ts";
