import { randomBytes } from "node:crypto";

import { sha256 } from "@tenon/core";
import { expect } from "vitest";

import { type Requirement, section } from "./requirement.ts";
import {
  type Answer,
  CONFIG,
  INDEX,
  type Wire,
  type WireManifest,
  descriptorOf,
  imageManifest,
  indexManifest,
  withQuery,
} from "./wire.ts";

const tags = section("Listing Tags", [
  {
    level: "MUST",
    text: "answers 200 with the name of the repository and its tags",
    async check(wire) {
      const repository = await withTags(wire, ["1.0.0", "latest"]);
      const answer = await wire.send("GET", `/v2/${repository}/tags/list`);
      expect(answer.status).toBe(200);
      const { name, tags: found, ...rest } = answer.json() as { name: string; tags: string[] };
      expect([name, found.toSorted(), rest]).toEqual([repository, ["1.0.0", "latest"], {}]);
    },
  },
  {
    level: "MUST",
    text: "tags are in lexical order, without regard to case",
    async check(wire) {
      const repository = await withTags(wire, ["b", "C", "a", "10", "B2", "_z", "2"]);
      expect(await listed(wire, repository)).toEqual(["10", "2", "_z", "a", "b", "B2", "C"]);
    },
  },
  {
    level: "MUST",
    text: "a repository without tags answers 200",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository);
      expect((await wire.send("GET", `/v2/${repository}/tags/list`)).status).toBe(200);
    },
  },
  {
    level: "MUST",
    text: "a repository that does not exist is 404",
    async check(wire) {
      expect((await wire.send("GET", `/v2/${wire.newRepository()}/tags/list`)).status).toBe(404);
    },
  },
  {
    level: "MUST",
    text: "n answers the first n tags, fewer only with a Link or where there are fewer",
    async check(wire) {
      const repository = await withTags(wire, ["a", "b", "c"]);
      expect(await listed(wire, repository, "n=2")).toEqual(["a", "b"]);
      expect(await listed(wire, repository, "n=3")).toEqual(["a", "b", "c"]);
      expect(await listed(wire, repository, "n=100")).toEqual(["a", "b", "c"]);
    },
  },
  {
    level: "MUST",
    text: "n=0 answers an empty list without a Link",
    async check(wire) {
      const repository = await withTags(wire, ["a", "b"]);
      const answer = await wire.send("GET", `/v2/${repository}/tags/list?n=0`);
      expect([answer.status, answer.headers["link"]]).toEqual([200, undefined]);
      expect(answer.json()).toEqual({ name: repository, tags: [] });
    },
  },
  {
    level: "MUST",
    text: "last answers the tags after it, with and without n",
    async check(wire) {
      const repository = await withTags(wire, ["a", "b", "c", "d"]);
      expect(await listed(wire, repository, "n=2&last=a")).toEqual(["b", "c"]);
      expect(await listed(wire, repository, "last=b")).toEqual(["c", "d"]);
      expect(await listed(wire, repository, "last=d")).toEqual([]);
    },
  },
  {
    level: "MUST",
    text: "last is no index of the list: any tag may stand for a place in it",
    async check(wire) {
      const repository = await withTags(wire, ["1", "3", "5"]);
      expect(await listed(wire, repository, "last=1")).toEqual(["3", "5"]);
      expect(await listed(wire, repository, "last=4")).toEqual(["5"]);
    },
  },
  {
    level: "MUST",
    text: "a Link is one of RFC 5988 to the next page, and the pages make the list",
    async check(wire) {
      const all = ["A", "b", "B1", "c", "D", "e", "f"];
      const repository = await withTags(wire, all);
      const found: string[] = [];
      let target: string | undefined = `/v2/${repository}/tags/list?n=3`;
      for (let page = 0; target !== undefined && page < 10; page++) {
        const answer: Answer = await wire.send("GET", target);
        found.push(...((answer.json() as { tags: string[] | null }).tags ?? []));
        target = nextOf(answer);
      }
      expect(found).toHaveLength(all.length);
      expect(new Set(found)).toEqual(new Set(all));
    },
  },
]);

const referrers = section("Listing Referrers", [
  {
    level: "MUST",
    text: "answers 200 with an image index and its media type",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const answer = await wire.send("GET", `/v2/${repository}/referrers/${subject.digest}`);
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, INDEX]);
      expect(answer.json()).toEqual({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
    },
  },
  {
    level: "MUST",
    text: "a manifest that is not there has an empty list, not 404",
    async check(wire) {
      const { repository } = await withSubject(wire);
      const unknown = sha256(randomBytes(8));
      const answer = await wire.send("GET", `/v2/${repository}/referrers/${unknown}`);
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({ manifests: [] });
    },
  },
  {
    level: "MUST",
    text: "a digest that is none is 400",
    async check(wire) {
      const { repository } = await withSubject(wire);
      for (const digest of ["sha256:123", "latest", `sha256:${"z".repeat(64)}`]) {
        const { status } = await wire.send("GET", `/v2/${repository}/referrers/${digest}`);
        expect(status, digest).toBe(400);
      }
    },
  },
  {
    level: "MUST",
    text: "lists what names the manifest as its subject, and nothing else",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const other = await wire.pushImage(repository);
      const referrer = await refer(wire, repository, subject, {});
      await refer(wire, repository, other, {});
      const found = await referrersOf(wire, repository, subject);
      expect(found).toMatchObject([descriptorOf(referrer)]);
    },
  },
  {
    level: "MUST",
    text: "lists what was pushed before the subject",
    async check(wire) {
      const repository = wire.newRepository();
      const subject = imageManifest();
      const referrer = await wire.pushImage(repository, undefined, {
        subject: descriptorOf(subject),
      });
      await wire.pushManifest(repository, subject, "1.0.0");
      const found = await referrersOf(wire, repository, subject);
      expect(found).toMatchObject([{ digest: referrer.digest }]);
    },
  },
  {
    level: "MUST",
    text: "does not list what is in another repository",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const other = wire.newRepository();
      await wire.pushImage(other, undefined, { subject: descriptorOf(subject) });
      expect(await referrersOf(wire, repository, subject)).toEqual([]);
    },
  },
  {
    level: "MUST",
    text: "artifactType is that of the manifest, or the media type of its config",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      await refer(wire, repository, subject, { artifactType: "text/note" });
      expect(await referrersOf(wire, repository, subject)).toMatchObject([
        { artifactType: "text/note" },
      ]);
      const plain = await wire.pushImage(repository);
      await refer(wire, repository, plain, {});
      expect(await referrersOf(wire, repository, plain)).toMatchObject([{ artifactType: CONFIG }]);
    },
  },
  {
    level: "MUST",
    text: "an index that names none has no artifactType",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const index = indexManifest({ subject: descriptorOf(subject) });
      await wire.pushManifest(repository, index);
      const [found] = await referrersOf(wire, repository, subject);
      expect(found).toMatchObject(descriptorOf(index));
      expect(found).not.toHaveProperty("artifactType");
    },
  },
  {
    level: "MUST",
    text: "annotations are those of the manifest",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const annotations = { "org.example.note": "über", "org.example.other": "" };
      await refer(wire, repository, subject, { annotations });
      expect(await referrersOf(wire, repository, subject)).toMatchObject([{ annotations }]);
    },
  },
  {
    level: "SHOULD",
    text: "artifactType chooses among them",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const chosen = await refer(wire, repository, subject, { artifactType: "text/one" });
      await refer(wire, repository, subject, { artifactType: "text/two" });
      const query = `artifactType=${encodeURIComponent("text/one")}`;
      const found = await referrersOf(wire, repository, subject, query);
      expect(found.map(({ digest }) => digest)).toEqual([chosen.digest]);
    },
  },
  {
    level: "MUST",
    text: "an answer that was filtered says so in OCI-Filters-Applied",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const one = await refer(wire, repository, subject, { artifactType: "text/one" });
      await refer(wire, repository, subject, { artifactType: "text/two" });
      const target = `/v2/${repository}/referrers/${subject.digest}`;
      const answer = await wire.send("GET", `${target}?artifactType=text%2Fone`);
      const { manifests } = answer.json() as { manifests: { digest: string }[] };
      // A registry that does not filter is told apart by the header.
      if (manifests.length === 1) {
        expect(manifests).toMatchObject([{ digest: one.digest }]);
        expect(answer.headers["oci-filters-applied"]).toBe("artifactType");
      } else expect(answer.headers["oci-filters-applied"]).toBeUndefined();
      const all = await wire.send("GET", target);
      expect([all.status, all.headers["oci-filters-applied"]]).toEqual([200, undefined]);
    },
  },
  {
    level: "MUST",
    text: "a list that does not fit into one manifest has a Link to the next page",
    async check(wire) {
      const { repository, subject } = await withSubject(wire);
      const pushed: string[] = [];
      for (let count = 0; count < 5; count++) {
        const annotations = { filler: "x".repeat(1_000_000), count: String(count) };
        pushed.push((await refer(wire, repository, subject, { annotations })).digest);
      }
      const found: string[] = [];
      let target: string | undefined = `/v2/${repository}/referrers/${subject.digest}`;
      for (let page = 0; target !== undefined && page < 10; page++) {
        const answer: Answer = await wire.send("GET", target);
        expect(answer.body.length).toBeLessThanOrEqual(4 * 1024 * 1024);
        const { manifests } = answer.json() as { manifests: { digest: string }[] };
        found.push(...manifests.map(({ digest }) => digest));
        target = nextOf(answer);
      }
      expect(found.toSorted()).toEqual(pushed.toSorted());
    },
  },
]);

/** What the specification demands of lists. */
export const discovery: readonly Requirement[] = [...tags, ...referrers];

async function withTags(wire: Wire, names: readonly string[]): Promise<string> {
  const repository = wire.newRepository();
  await wire.pushBlob(repository, "{}");
  for (const name of names) await wire.pushManifest(repository, imageManifest(), name);
  return repository;
}

async function listed(wire: Wire, repository: string, query?: string): Promise<string[]> {
  const target = `/v2/${repository}/tags/list`;
  const answer = await wire.send("GET", query === undefined ? target : withQuery(target, query));
  expect(answer.status).toBe(200);
  return (answer.json() as { tags: string[] | null }).tags ?? [];
}

async function withSubject(
  wire: Wire,
): Promise<{ readonly repository: string; readonly subject: WireManifest }> {
  const repository = wire.newRepository();
  return { repository, subject: await wire.pushImage(repository, "1.0.0") };
}

function refer(
  wire: Wire,
  repository: string,
  to: WireManifest,
  more: Readonly<Record<string, unknown>>,
): Promise<WireManifest> {
  return wire.pushImage(repository, undefined, { subject: descriptorOf(to), ...more });
}

async function referrersOf(
  wire: Wire,
  repository: string,
  subject: WireManifest,
  query?: string,
): Promise<{ readonly digest: string }[]> {
  const target = `/v2/${repository}/referrers/${subject.digest}`;
  const answer = await wire.send("GET", query === undefined ? target : withQuery(target, query));
  expect(answer.status).toBe(200);
  return (answer.json() as { manifests: { digest: string }[] }).manifests;
}

function nextOf({ headers }: Answer): string | undefined {
  const link = headers["link"];
  if (link === undefined) return undefined;
  const match = /^<([^>]+)>\s*;\s*rel="?next"?$/.exec(link);
  expect(match, link).not.toBeNull();
  return match?.[1];
}
