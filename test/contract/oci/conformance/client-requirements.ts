import { randomBytes } from "node:crypto";

import { type Digest, sha256 } from "@tenon/core";
import { type Descriptor, type RegistryClient, bytesContent, parseManifest } from "@tenon/oci";
import { expect } from "vitest";

import type { RegistryAnswer } from "../../../support/lying-proxy.ts";
import {
  CONFIG,
  IMAGE,
  INDEX,
  descriptorOf,
  imageManifest,
  indexManifest,
  sha512,
} from "./wire.ts";

/** What a client requirement is checked with. */
export interface Tap {
  readonly client: RegistryClient;
  /** Host and port of what the client talks to. */
  readonly host: string;
  /** What the client was answered so far, and what it had asked. */
  readonly answers: readonly RegistryAnswer[];
  /** Changes each answer from now on. */
  readonly change: (change: (answer: RegistryAnswer) => void) => void;
}

/** One demand of the distribution specification 1.1 on clients. */
export interface ClientRequirement {
  readonly section: string;
  readonly level: "MUST" | "SHOULD";
  readonly text: string;
  readonly check: (tap: Tap) => Promise<void>;
}

const pulling: readonly Omit<ClientRequirement, "section">[] = [
  {
    level: "SHOULD",
    text: "Accept names the types of manifests that are read",
    async check({ client, answers }) {
      await pushImage(client, "pull/app", "1.0.0");
      await client.readManifest("pull/app", "1.0.0");
      const { requestHeaders } = answers.findLast(({ method }) => method === "GET")!;
      for (const type of [IMAGE, INDEX]) expect(requestHeaders.accept).toContain(type);
    },
  },
  {
    level: "SHOULD",
    text: "parameters of the Content-Type are ignored",
    async check({ client, change }) {
      await pushImage(client, "pull/app", "1.0.0");
      change((answer) => {
        answer.headers["content-type"] = `${String(answer.headers["content-type"])}; charset=utf-8`;
      });
      const { mediaType } = await client.resolveManifest("pull/app", "1.0.0");
      expect(mediaType).toBe(IMAGE);
    },
  },
  {
    level: "SHOULD",
    text: "a manifest that has not the digest that was asked for is refused",
    async check({ client, change }) {
      const { digest } = await pushImage(client, "pull/app", "1.0.0");
      change((answer) => {
        if (answer.path.includes("/manifests/")) answer.body = Buffer.from(imageManifest().bytes);
        delete answer.headers["content-length"];
      });
      const reading = client.readManifest("pull/app", digest);
      await expect(reading).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    },
  },
  {
    level: "MUST",
    text: "a manifest by tag has the digest of its content, not one that the registry says",
    async check({ client, change }) {
      const { digest } = await pushImage(client, "pull/app", "1.0.0");
      change((answer) => {
        answer.headers["docker-content-digest"] = sha256("other");
      });
      const read = await client.readManifest("pull/app", "1.0.0").catch((error: unknown) => error);
      if (!(read instanceof Error)) expect(read).toMatchObject({ descriptor: { digest } });
      else expect(read).toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    },
  },
  {
    level: "SHOULD",
    text: "a blob that has not the digest that was asked for is refused",
    async check({ client, change }) {
      const { digest } = await pushBytes(client, "pull/app", Buffer.from("right"));
      change((answer) => {
        if (answer.method === "GET") answer.body = Buffer.from("wrong");
      });
      const { stream } = await client.readBlob("pull/app", { digest });
      await expect(collect(stream)).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    },
  },
  {
    level: "MUST",
    text: "what is not there is told apart: manifest, blob, repository",
    async check({ client }) {
      await pushImage(client, "pull/app", "1.0.0");
      const manifest = client.readManifest("pull/app", "none");
      await expect(manifest).rejects.toMatchObject({ code: "OCI_MANIFEST_UNKNOWN" });
      const blob = client.readBlob("pull/app", { digest: sha256("none") });
      await expect(blob).rejects.toMatchObject({ code: "OCI_BLOB_UNKNOWN" });
      expect(await client.statBlob("pull/app", sha256("none"))).toBeUndefined();
      await expect(all(client.listTags("pull/none"))).rejects.toMatchObject({
        code: "OCI_NAME_UNKNOWN",
      });
    },
  },
];

const pushing: readonly Omit<ClientRequirement, "section">[] = [
  {
    level: "MUST",
    text: "a blob is sent to a session with its length and its digest",
    async check({ client, answers }) {
      const { digest } = await pushBytes(client, "push/app", Buffer.from("small"));
      expect(answers[0]).toMatchObject({ method: "POST", path: "/v2/push/app/blobs/uploads/" });
      expect(answers[0]?.requestHeaders["content-length"]).toBe("0");
      const last = answers.at(-1)!;
      expect([last.method, last.status]).toEqual(["PUT", 201]);
      expect(new URL(last.path, "http://x").searchParams.get("digest")).toBe(digest);
      expect(last.requestHeaders).toMatchObject({
        "content-type": "application/octet-stream",
        "content-length": "5",
      });
    },
  },
  {
    level: "MUST",
    text: "a session of chunks has them in order and is closed by PUT with the digest of the whole",
    async check({ client, answers }) {
      const { bytes, digest } = await pushBytes(client, "push/app", randomBytes(20_000_000));
      const chunks = answers.filter(({ method }) => method === "PATCH");
      let end = 0;
      for (const { requestHeaders, headers, status } of chunks) {
        const range = requestHeaders["content-range"];
        if (range !== undefined) expect(range).toMatch(new RegExp(`^${end}-\\d+$`));
        expect(status).toBe(202);
        end = Number(/^0-(\d+)$/.exec(String(headers["range"]))?.[1]) + 1;
      }
      const last = answers.at(-1)!;
      expect(end + Number(last.requestHeaders["content-length"] ?? 0)).toBe(bytes.length);
      expect([last.method, last.status]).toEqual(["PUT", 201]);
      expect(new URL(last.path, "http://x").searchParams.get("digest")).toBe(digest);
    },
  },
  {
    level: "MUST",
    text: "a Location may be absolute, and its query is kept",
    async check({ client, change, answers, host }) {
      change((answer) => {
        const { location } = answer.headers;
        if (answer.status === 202 && typeof location === "string") {
          answer.headers["location"] = `http://${host}${location}?_state=a%2Fb`;
        }
      });
      await pushBytes(client, "push/app", randomBytes(3_000_000));
      const sent = answers.filter(({ method }) => method === "PATCH" || method === "PUT");
      expect(sent.length).toBeGreaterThan(0);
      for (const { path } of sent) {
        expect(new URL(path, "http://x").searchParams.get("_state")).toBe("a/b");
      }
    },
  },
  {
    level: "SHOULD",
    text: "each chunk goes to the Location of the one before",
    async check({ client, change, answers }) {
      let count = 0;
      const given: string[] = [];
      change((answer) => {
        const { location } = answer.headers;
        if (answer.status !== 202 || typeof location !== "string") return;
        answer.headers["location"] = `${location}?step=${count++}`;
        given.push(answer.headers["location"]);
      });
      await pushBytes(client, "push/app", randomBytes(3_000_000));
      const sent = answers.filter(({ method }) => method === "PATCH" || method === "PUT");
      const steps = sent.map(({ path }) => new URL(path, "http://x").searchParams.get("step"));
      expect(steps).toEqual(given.map((_, step) => String(step)));
    },
  },
  {
    level: "MUST",
    text: "a blob is mounted by one POST",
    async check({ client, answers }) {
      const { digest } = await pushBytes(client, "push/from", Buffer.from("shared"));
      const before = answers.length;
      expect(await client.mountBlob("push/app", digest, "push/from")).toBe(true);
      const [{ method, path }] = answers.slice(before) as [RegistryAnswer];
      const { pathname, searchParams } = new URL(path, "http://x");
      expect([method, pathname]).toEqual(["POST", "/v2/push/app/blobs/uploads/"]);
      expect(Object.fromEntries(searchParams)).toEqual({ mount: digest, from: "push/from" });
      expect(answers).toHaveLength(before + 1);
    },
  },
  {
    level: "SHOULD",
    text: "a mount that is answered with 202 leaves no session open",
    async check({ client, answers }) {
      expect(await client.mountBlob("push/app", sha256("none"), "push/from")).toBe(false);
      const [begun, ended] = answers;
      expect([begun?.status, ended?.method]).toEqual([202, "DELETE"]);
      expect(ended?.path).toBe(begun?.headers["location"]);
    },
  },
  {
    level: "MUST",
    text: "the Content-Type of a manifest is its mediaType, without parameters",
    async check({ client, answers }) {
      await pushImage(client, "push/app", "1.0.0");
      const { bytes } = indexManifest();
      await client.pushManifest("push/app", { mediaType: INDEX, bytes }, { tags: ["index"] });
      const sent = answers.filter(({ path }) => path.includes("/manifests/"));
      expect(sent.map(({ requestHeaders }) => requestHeaders["content-type"])).toEqual([
        IMAGE,
        INDEX,
      ]);
    },
  },
  {
    level: "MUST",
    text: "a manifest can be stored by a digest of sha512",
    async check({ client }) {
      await pushBytes(client, "push/app", Buffer.from("{}"));
      const { bytes } = imageManifest();
      const digest = sha512(bytes) as Digest;
      const manifest = { mediaType: IMAGE, bytes };
      await client.pushManifest("push/app", manifest, { digest, tags: ["1.0.0"] });
      const read = await client.readManifest("push/app", digest);
      expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
    },
  },
  {
    level: "MUST",
    text: "a subject is listed by tag where the answer has no OCI-Subject: once, with its type and annotations",
    async check({ client, change }) {
      withoutReferrers(change);
      const subject = await pushImage(client, "push/app", "1.0.0");
      const annotations = { "org.example.note": "kept" };
      const plain = imageManifest({ subject, annotations });
      const typed = imageManifest({ subject, artifactType: "text/note" });
      for (const { bytes } of [plain, typed, plain]) {
        await client.pushManifest("push/app", { mediaType: IMAGE, bytes });
      }
      const tag = subject.digest.replace(":", "-");
      const { bytes, descriptor } = await client.readManifest("push/app", tag);
      expect(descriptor.mediaType).toBe(INDEX);
      expect(parseManifest(bytes).manifests).toEqual([
        { ...descriptorOf(plain), artifactType: CONFIG, annotations },
        { ...descriptorOf(typed), artifactType: "text/note", annotations: expect.anything() },
      ]);
    },
  },
  {
    level: "SHOULD",
    text: "the list by tag is left alone where it is no image index",
    async check({ client, change }) {
      withoutReferrers(change);
      const subject = await pushImage(client, "push/app", "1.0.0");
      const tag = subject.digest.replace(":", "-");
      const other = await pushImage(client, "push/app", tag);
      const { bytes } = imageManifest({ subject });
      const pushed = client.pushManifest("push/app", { mediaType: IMAGE, bytes });
      await expect(pushed).rejects.toThrow();
      expect((await client.resolveManifest("push/app", tag)).digest).toBe(other.digest);
    },
  },
];

const discovering: readonly Omit<ClientRequirement, "section">[] = [
  {
    level: "MUST",
    text: "tags are read to the end of the last page",
    async check({ client, change, answers }) {
      for (const tag of ["a", "b", "c", "d", "e"]) await pushImage(client, "list/app", tag);
      change((answer) => {
        if (!answer.path.endsWith("/tags/list")) return;
        const tags = ["a", "b"];
        answer.body = Buffer.from(JSON.stringify({ name: "list/app", tags }));
        answer.headers["content-length"] = String(answer.body.length);
        answer.headers["link"] = '</v2/list/app/tags/list?n=2&last=b>; rel="next"';
      });
      expect(await all(client.listTags("list/app"))).toEqual(["a", "b", "c", "d", "e"]);
      const pages = answers.filter(({ path }) => path.includes("/tags/list"));
      expect(pages.length).toBeGreaterThanOrEqual(3);
    },
  },
  {
    level: "MUST",
    text: "referrers are listed by the tag where there is no API, and chosen by type",
    async check({ client, change }) {
      withoutReferrers(change);
      const subject = await pushImage(client, "list/app", "1.0.0");
      expect(await all(client.listReferrers("list/app", subject.digest))).toEqual([]);
      for (const artifactType of ["text/one", "text/two"]) {
        const { bytes } = imageManifest({ subject, artifactType });
        await client.pushManifest("list/app", { mediaType: IMAGE, bytes });
      }
      const found = client.listReferrers("list/app", subject.digest, { artifactType: "text/two" });
      expect(await all(found)).toMatchObject([{ artifactType: "text/two" }]);
    },
  },
  {
    level: "MUST",
    text: "referrers are chosen by type also where the registry does not filter",
    async check({ client, change }) {
      const subject = await pushImage(client, "list/app", "1.0.0");
      for (const artifactType of ["text/one", "text/two"]) {
        const { bytes } = imageManifest({ subject, artifactType });
        await client.pushManifest("list/app", { mediaType: IMAGE, bytes });
      }
      const unfiltered = await all(client.listReferrers("list/app", subject.digest));
      change((answer) => {
        delete answer.headers["oci-filters-applied"];
        if (!answer.path.includes("/referrers/")) return;
        const index = { schemaVersion: 2, mediaType: INDEX, manifests: unfiltered };
        answer.body = Buffer.from(JSON.stringify(index));
        answer.headers["content-length"] = String(answer.body.length);
      });
      const found = client.listReferrers("list/app", subject.digest, { artifactType: "text/two" });
      expect(await all(found)).toMatchObject([{ artifactType: "text/two" }]);
    },
  },
  {
    level: "MUST",
    text: "referrers are read to the end of the last page",
    async check({ client }) {
      const subject = await pushImage(client, "list/app", "1.0.0");
      const pushed: string[] = [];
      for (let count = 0; count < 5; count++) {
        const annotations = { filler: "x".repeat(1_000_000), count: String(count) };
        const { bytes, digest } = imageManifest({ subject, annotations });
        await client.pushManifest("list/app", { mediaType: IMAGE, bytes });
        pushed.push(digest);
      }
      const found = await all(client.listReferrers("list/app", subject.digest));
      expect(found.map(({ digest }) => digest).toSorted()).toEqual(pushed.toSorted());
    },
  },
];

const managing: readonly Omit<ClientRequirement, "section">[] = [
  {
    level: "MUST",
    text: "tags, manifests and blobs are deleted by one DELETE each",
    async check({ client, answers }) {
      const { digest } = await pushImage(client, "delete/app", "1.0.0");
      const blob = await pushBytes(client, "delete/app", Buffer.from("blob"));
      await client.deleteTag("delete/app", "1.0.0");
      await client.deleteManifest("delete/app", digest);
      await client.deleteBlob("delete/app", blob.digest);
      const sent = answers.filter(({ method }) => method === "DELETE");
      expect(sent.map(({ path, status }) => [path, status])).toEqual([
        ["/v2/delete/app/manifests/1.0.0", 202],
        [`/v2/delete/app/manifests/${digest}`, 202],
        [`/v2/delete/app/blobs/${blob.digest}`, 202],
      ]);
    },
  },
  {
    level: "SHOULD",
    text: "a referrer that is deleted is taken off the list by tag, where there is no API",
    async check({ client, change }) {
      withoutReferrers(change);
      const subject = await pushImage(client, "delete/app", "1.0.0");
      const [first, second] = [imageManifest({ subject }), imageManifest({ subject })];
      for (const { bytes } of [first, second]) {
        await client.pushManifest("delete/app", { mediaType: IMAGE, bytes });
      }
      await client.deleteManifest("delete/app", first.digest);
      const { bytes } = await client.readManifest("delete/app", subject.digest.replace(":", "-"));
      expect(parseManifest(bytes).manifests).toMatchObject([{ digest: second.digest }]);
    },
  },
  {
    level: "MUST",
    text: "a delete that the registry has disabled is told as that",
    async check({ client, change }) {
      const { digest } = await pushImage(client, "delete/app", "1.0.0");
      change((answer) => {
        if (answer.method !== "DELETE") return;
        answer.status = 405;
        answer.body = Buffer.from('{"errors":[{"code":"UNSUPPORTED"}]}');
        answer.headers["content-length"] = String(answer.body.length);
      });
      const deleting = client.deleteManifest("delete/app", digest);
      await expect(deleting).rejects.toMatchObject({ code: "OCI_UNSUPPORTED" });
    },
  },
];

/** What the distribution specification 1.1 demands of clients. */
export const clientRequirements: readonly ClientRequirement[] = [
  ...pulling.map((requirement) => ({ ...requirement, section: "Pull" })),
  ...pushing.map((requirement) => ({ ...requirement, section: "Push" })),
  ...discovering.map((requirement) => ({ ...requirement, section: "Content Discovery" })),
  ...managing.map((requirement) => ({ ...requirement, section: "Content Management" })),
];

/** Makes a registry one of before 1.1, which has no API for referrers. */
function withoutReferrers(change: Tap["change"]): void {
  change((answer) => {
    delete answer.headers["oci-subject"];
    if (!answer.path.includes("/referrers/")) return;
    answer.status = 404;
    answer.body = Buffer.from("404 page not found\n");
    answer.headers = { "content-type": "text/plain" };
  });
}

async function pushImage(
  client: RegistryClient,
  repository: string,
  tag: string,
): Promise<Descriptor> {
  await pushBytes(client, repository, Buffer.from("{}"));
  const { bytes } = imageManifest();
  return client.pushManifest(repository, { mediaType: IMAGE, bytes }, { tags: [tag] });
}

async function pushBytes(
  client: RegistryClient,
  repository: string,
  bytes: Buffer,
): Promise<{ readonly digest: Digest; readonly bytes: Buffer }> {
  const { digest, open, size } = bytesContent(bytes);
  await client.pushBlob(repository, { digest, size }, open);
  return { digest, bytes };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await all(stream));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
