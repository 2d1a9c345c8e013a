const noReferrers = "has no referrers API: 404";
const allTags = "answers all tags, in the order of the file system, whatever n and last say";
const noRange = "does not look at Content-Range: takes the chunk";

/** What docker-registry 2.8.2 of Debian does not meet, by the name of the requirement, and what it does instead. */
export const dockerRegistryFailures: ReadonlyMap<string, string> = new Map([
  [
    "Pulling manifests: GET by a client that accepts everything answers 200 with the manifest too",
    "404, unless the client names the type",
  ],
  [
    "Pulling manifests: a reference is a digest or a tag of at most 128 characters: others are refused",
    "500 for sha256:123",
  ],
  ["Pulling blobs: a Range outside of the blob is 416 and tells its size", "cuts the connection"],
  [
    "Pushing Manifests: a manifest can be stored and read by its sha512 digest, which the answers name",
    "400",
  ],
  ["Pushing Manifests: a manifest over the limit of the registry is 413", "400"],
  [
    "Pushing Manifests with Subject: the answer has OCI-Subject with the digest of the subject",
    "has no referrers API, and does not say so",
  ],
  ["Pushing a blob in chunks: a chunk that leaves a gap is 416", noRange],
  ["Pushing a blob in chunks: a chunk that comes again is 416", noRange],
  ["Pushing a blob in chunks: a first chunk that does not begin with 0 is 416", noRange],
  ["Pushing a blob in chunks: a closing PUT whose chunk is out of order is 416", noRange],
  [
    "Pushing a blob in chunks: a Content-Range is inclusive on both ends: one that does not fit the chunk is refused",
    noRange,
  ],
  ["Pushing a blob in chunks: GET of the session after a 416 tells where to go on", noRange],
  ["Listing Tags: tags are in lexical order, without regard to case", allTags],
  ["Listing Tags: a repository without tags answers 200", "404"],
  [
    "Listing Tags: n answers the first n tags, fewer only with a Link or where there are fewer",
    allTags,
  ],
  ["Listing Tags: n=0 answers an empty list without a Link", allTags],
  ["Listing Tags: last answers the tags after it, with and without n", allTags],
  ["Listing Tags: last is no index of the list: any tag may stand for a place in it", allTags],
  ["Listing Referrers: answers 200 with an image index and its media type", noReferrers],
  ["Listing Referrers: a manifest that is not there has an empty list, not 404", noReferrers],
  ["Listing Referrers: a digest that is none is 400", noReferrers],
  [
    "Listing Referrers: lists what names the manifest as its subject, and nothing else",
    noReferrers,
  ],
  ["Listing Referrers: lists what was pushed before the subject", noReferrers],
  ["Listing Referrers: does not list what is in another repository", noReferrers],
  [
    "Listing Referrers: artifactType is that of the manifest, or the media type of its config",
    noReferrers,
  ],
  ["Listing Referrers: an index that names none has no artifactType", noReferrers],
  ["Listing Referrers: annotations are those of the manifest", noReferrers],
  ["Listing Referrers: artifactType chooses among them", noReferrers],
  ["Listing Referrers: an answer that was filtered says so in OCI-Filters-Applied", noReferrers],
  [
    "Listing Referrers: a list that does not fit into one manifest has a Link to the next page",
    noReferrers,
  ],
  [
    "Deleting tags: tags can be deleted, and the manifest and its other tags stay",
    "400: manifests are deleted, with all of their tags",
  ],
  ["Deleting Manifests: a referrer that was deleted is not listed any more", noReferrers],
  [
    "Error Codes: a refusal says in its code what was wrong",
    "has no refusal for a chunk out of order, and none with a code for a method that it has not",
  ],
]);
