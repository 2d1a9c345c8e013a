import { randomBytes } from "node:crypto";

import { sha256 } from "@tenon/core";
import { expect } from "vitest";

import { type Requirement, section } from "./requirement.ts";
import { IMAGE, endUpload, manifestText, sha512, startUpload } from "./wire.ts";

const refused = [400, 404];

const manifests = section("Pulling manifests", [
  {
    level: "MUST",
    text: "GET by tag answers 200 with the manifest, byte for byte",
    async check(wire) {
      const repository = wire.newRepository();
      const { bytes } = await wire.pushImage(repository, "1.0.0");
      const answer = await wire.send("GET", `/v2/${repository}/manifests/1.0.0`);
      expect([answer.status, answer.body.toString()]).toEqual([200, bytes.toString()]);
    },
  },
  {
    level: "MUST",
    text: "GET by digest answers 200 with the manifest, byte for byte",
    async check(wire) {
      const repository = wire.newRepository();
      const { bytes, digest } = await wire.pushImage(repository);
      const answer = await wire.send("GET", `/v2/${repository}/manifests/${digest}`);
      expect([answer.status, answer.body.toString()]).toEqual([200, bytes.toString()]);
    },
  },
  {
    level: "MUST",
    text: "GET by a client that accepts everything answers 200 with the manifest too",
    async check(wire) {
      const repository = wire.newRepository();
      const { bytes } = await wire.pushImage(repository, "1.0.0");
      const answer = await fetch(`${wire.origin}/v2/${repository}/manifests/1.0.0`);
      expect([answer.status, await answer.text()]).toEqual([200, bytes.toString()]);
    },
  },
  {
    level: "MUST",
    text: "a tag or a digest that the repository has not is 404",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository, "1.0.0");
      for (const reference of ["2.0.0", sha256(randomBytes(8))]) {
        const { status } = await wire.send("GET", `/v2/${repository}/manifests/${reference}`);
        expect(status).toBe(404);
      }
    },
  },
  {
    level: "MUST",
    text: "a manifest of another repository is 404",
    async check(wire) {
      const { digest } = await wire.pushImage(wire.newRepository(), "1.0.0");
      const other = wire.newRepository();
      await wire.pushImage(other);
      expect((await wire.send("GET", `/v2/${other}/manifests/${digest}`)).status).toBe(404);
    },
  },
  {
    level: "MUST",
    text: "a reference is a digest or a tag of at most 128 characters: others are refused",
    async check(wire) {
      const repository = wire.newRepository();
      const manifest = await wire.pushImage(repository, "t".repeat(128));
      for (const reference of ["t".repeat(129), ".tag", "-tag", "ta+g", "sha256:123"]) {
        const target = `/v2/${repository}/manifests/${reference}`;
        expect(refused).toContain((await wire.send("GET", target)).status);
        const put = await wire.send("PUT", target, {
          headers: { "content-type": IMAGE },
          body: manifest.bytes,
        });
        expect(refused).toContain(put.status);
      }
    },
  },
  {
    level: "MUST",
    text: "names of repositories are those of the grammar: others are refused",
    async check(wire) {
      const base = wire.newRepository();
      for (const name of [`${base}/a`, `${base}/a.b`, `${base}/a_b`, `${base}/a__b/c---d`]) {
        await wire.pushImage(name, "1.0.0");
        expect((await wire.send("GET", `/v2/${name}/manifests/1.0.0`)).status).toBe(200);
      }
      for (const part of ["Upper", "a..b", "a___b", "-a", "a-", ".a", "a!b"]) {
        const answer = await wire.send("POST", `/v2/${base}/${part}/blobs/uploads/`);
        expect(refused, part).toContain(answer.status);
      }
    },
  },
  {
    level: "MUST",
    text: "a repository may have a name of one character",
    async check(wire) {
      await wire.pushImage("z", "1.0.0");
      expect((await wire.send("GET", "/v2/z/manifests/1.0.0")).status).toBe(200);
    },
  },
  {
    level: "SHOULD",
    text: "Docker-Content-Digest has the digest of the manifest",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushImage(repository, "1.0.0");
      for (const reference of ["1.0.0", digest]) {
        const { headers } = await wire.send("GET", `/v2/${repository}/manifests/${reference}`);
        expect(headers["docker-content-digest"]).toBe(digest);
      }
    },
  },
  {
    level: "SHOULD",
    text: "Content-Type is what the manifest was pushed with, without parameters",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository, "1.0.0");
      const { headers } = await wire.send("GET", `/v2/${repository}/manifests/1.0.0`);
      expect(headers["content-type"]).toBe(IMAGE);
    },
  },
  {
    level: "SHOULD",
    text: "Content-Type is what the manifest was pushed with, also where the manifest does not say",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository, "{}");
      const config = { mediaType: "application/vnd.example+json", digest, size: 2 };
      const manifest = manifestText(JSON.stringify({ schemaVersion: 2, config, layers: [] }));
      await wire.pushManifest(repository, manifest, "1.0.0");
      const { headers } = await wire.send("GET", `/v2/${repository}/manifests/1.0.0`);
      expect(headers["content-type"]).toBe(IMAGE);
    },
  },
]);

const blobs = section("Pulling blobs", [
  {
    level: "MUST",
    text: "GET answers 200 with the blob, byte for byte",
    async check(wire) {
      const repository = wire.newRepository();
      for (const content of [randomBytes(300_000), Buffer.alloc(0)]) {
        const { digest } = await wire.pushBlob(repository, content);
        const answer = await wire.send("GET", `/v2/${repository}/blobs/${digest}`);
        expect(answer.status).toBe(200);
        expect(answer.body.equals(content)).toBe(true);
      }
    },
  },
  {
    level: "MUST",
    text: "a blob that the repository has not is 404, also where another one has it",
    async check(wire) {
      const [repository, other] = [wire.newRepository(), wire.newRepository()];
      const { digest } = await wire.pushBlob(other);
      await wire.pushBlob(repository);
      for (const unknown of [digest, sha256(randomBytes(8))]) {
        expect((await wire.send("GET", `/v2/${repository}/blobs/${unknown}`)).status).toBe(404);
      }
    },
  },
  {
    level: "MUST",
    text: "Docker-Content-Digest, if it is there, is the digest of the blob",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository);
      const { headers } = await wire.send("GET", `/v2/${repository}/blobs/${digest}`);
      expect(headers["docker-content-digest"] ?? digest).toBe(digest);
    },
  },
  {
    level: "SHOULD",
    text: "Docker-Content-Digest is there",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository);
      const { headers } = await wire.send("GET", `/v2/${repository}/blobs/${digest}`);
      expect(headers["docker-content-digest"]).toBe(digest);
    },
  },
  {
    level: "SHOULD",
    text: "Range is answered with 206 and that part",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository, "0123456789");
      const parts: string[][] = [];
      for (const range of ["bytes=2-4", "bytes=8-", "bytes=-3", "bytes=4-99"]) {
        const target = `/v2/${repository}/blobs/${digest}`;
        const { status, headers, body } = await wire.send("GET", target, { headers: { range } });
        parts.push([String(status), headers["content-range"] ?? "", body.toString()]);
      }
      expect(parts).toEqual([
        ["206", "bytes 2-4/10", "234"],
        ["206", "bytes 8-9/10", "89"],
        ["206", "bytes 7-9/10", "789"],
        ["206", "bytes 4-9/10", "456789"],
      ]);
    },
  },
  {
    level: "SHOULD",
    text: "a Range outside of the blob is 416 and tells its size",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository, "0123456789");
      const { status, headers } = await wire.send("GET", `/v2/${repository}/blobs/${digest}`, {
        headers: { range: "bytes=10-" },
      });
      expect([status, headers["content-range"]]).toEqual([416, "bytes */10"]);
    },
  },
  {
    level: "MAY",
    text: "a blob can be stored and read by its sha512 digest",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(50);
      const location = await startUpload(wire, repository);
      expect((await endUpload(wire, location, sha512(bytes), bytes)).status).toBe(201);
      const answer = await wire.send("GET", `/v2/${repository}/blobs/${sha512(bytes)}`);
      expect([answer.status, answer.body.equals(bytes)]).toEqual([200, true]);
    },
  },
]);

const checks = section("Checking if content exists in the registry", [
  {
    level: "MUST",
    text: "HEAD of a blob answers 200",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository);
      expect((await wire.send("HEAD", `/v2/${repository}/blobs/${digest}`)).status).toBe(200);
    },
  },
  {
    level: "MUST",
    text: "HEAD of a manifest by tag and by digest answers 200",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushImage(repository, "1.0.0");
      for (const reference of ["1.0.0", digest]) {
        const { status, body } = await wire.send(
          "HEAD",
          `/v2/${repository}/manifests/${reference}`,
        );
        expect([status, body.length]).toEqual([200, 0]);
      }
    },
  },
  {
    level: "MUST",
    text: "HEAD of what the repository has not is 404",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository, "1.0.0");
      const unknown = sha256(randomBytes(8));
      for (const path of [`blobs/${unknown}`, `manifests/${unknown}`, "manifests/2.0.0"]) {
        expect((await wire.send("HEAD", `/v2/${repository}/${path}`)).status).toBe(404);
      }
    },
  },
  {
    level: "SHOULD",
    text: "Docker-Content-Digest and Content-Length are those of the content",
    async check(wire) {
      const repository = wire.newRepository();
      const image = await wire.pushImage(repository, "1.0.0");
      const blob = await wire.pushBlob(repository);
      for (const [path, { bytes, digest }] of [
        ["manifests/1.0.0", image],
        [`manifests/${image.digest}`, image],
        [`blobs/${blob.digest}`, blob],
      ] as const) {
        const { headers } = await wire.send("HEAD", `/v2/${repository}/${path}`);
        expect([headers["docker-content-digest"], headers["content-length"]]).toEqual([
          digest,
          String(bytes.length),
        ]);
      }
    },
  },
]);

/** What the specification demands of pulls. */
export const pull: readonly Requirement[] = [...manifests, ...blobs, ...checks];
