/** An artifact in a registry. */
export const artifactArg = {
  name: "artifact_url",
  summary:
    "The artifact, as oci://registry/repository with :tag or @digest; the tag latest unless given",
  required: true,
} as const;

/** A repository of a registry. */
export const repositoryArg = {
  name: "repository_url",
  summary: "The repository, as oci://registry/repository",
  required: true,
} as const;

/** `-t`. */
export const tagsFlag = {
  type: "strings",
  short: "t",
  value: "tag",
  summary: "Tag of the artifact; may be repeated",
} as const;
