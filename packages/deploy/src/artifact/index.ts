export type { BuildFilesRequest, BuiltFiles } from "./build-files.ts";
export { buildFiles } from "./build-files.ts";
export type { ArtifactCopy, CopyRequest } from "./copy-artifact.ts";
export { copyBetween } from "./copy-artifact.ts";
export type { Deletion } from "./delete-artifact.ts";
export { deleteArtifact, planDeletion } from "./delete-artifact.ts";
export type {
  ArtifactId,
  ArtifactRequest,
  InspectedArtifact,
  InspectedLayer,
} from "./inspect-artifact.ts";
export { inspectArtifact, resolveArtifact } from "./inspect-artifact.ts";
export type { ArtifactTag, ListTagsRequest } from "./list-tags.ts";
export { listArtifactTags } from "./list-tags.ts";
export type { PullFilesRequest } from "./pull-files.ts";
export { pullFiles } from "./pull-files.ts";
export type { PushedFiles, PushFilesRequest } from "./push-files.ts";
export { pushFiles } from "./push-files.ts";
export type { TagRequest } from "./tag-artifact.ts";
export { tagArtifact } from "./tag-artifact.ts";
export type { TagFilter } from "./tag-filter.ts";
