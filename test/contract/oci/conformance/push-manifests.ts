import { sha256 } from "@tenon/core";
import { expect } from "vitest";

import { type Requirement, section } from "./requirement.ts";
import {
  CONFIG,
  IMAGE,
  codesOf,
  descriptorOf,
  imageManifest,
  indexManifest,
  manifestText,
  sha512,
} from "./wire.ts";

const push = section("Push", [
  {
    level: "MUST",
    text: "a manifest is accepted before the subject that it names",
    async check(wire) {
      const repository = wire.newRepository();
      const subject = descriptorOf(imageManifest());
      const { digest } = await wire.pushImage(repository, undefined, { subject });
      expect((await wire.send("GET", `/v2/${repository}/manifests/${digest}`)).status).toBe(200);
    },
  },
  {
    level: "MUST",
    text: "a manifest that is refused for a missing blob is MANIFEST_BLOB_UNKNOWN",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const layer = { mediaType: "text/plain", digest: sha256("never pushed"), size: 12 };
      const { bytes } = imageManifest({ layers: [layer] });
      const answer = await wire.send("PUT", `/v2/${repository}/manifests/1.0.0`, {
        headers: { "content-type": IMAGE },
        body: bytes,
      });
      if (answer.status === 201) return;
      expect([400, 404]).toContain(answer.status);
      expect(codesOf(answer)).toContain("MANIFEST_BLOB_UNKNOWN");
    },
  },
]);

const manifests = section("Pushing Manifests", [
  {
    level: "MUST",
    text: "PUT by tag answers 201 with a Location from which the manifest can be pulled",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const manifest = imageManifest();
      const { headers } = await wire.pushManifest(repository, manifest, "1.0.0");
      const pulled = await wire.send("GET", headers["location"] ?? "");
      expect([pulled.status, sha256(pulled.body)]).toEqual([200, manifest.digest]);
    },
  },
  {
    level: "MUST",
    text: "PUT by digest answers 201 with a Location from which the manifest can be pulled",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const manifest = imageManifest();
      const { headers } = await wire.pushManifest(repository, manifest);
      const pulled = await wire.send("GET", headers["location"] ?? "");
      expect([pulled.status, sha256(pulled.body)]).toEqual([200, manifest.digest]);
    },
  },
  {
    level: "MUST",
    text: "the manifest is kept in the exact bytes that were sent",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const config = `{"size":2,"digest":"${sha256("{}")}","mediaType":"${CONFIG}"}`;
      const text = `{ "layers" : [ ],\r\n\t"unknown": 9007199254740993, "config": ${config},\n "schemaVersion":2,"mediaType":"${IMAGE}", "annotations":{"b":"\\u00e9","10":"ü","2":""}}\n\n`;
      const manifest = manifestText(text);
      await wire.pushManifest(repository, manifest, "odd");
      const { body } = await wire.send("GET", `/v2/${repository}/manifests/odd`);
      expect(body.equals(manifest.bytes)).toBe(true);
    },
  },
  {
    level: "MUST",
    text: "Docker-Content-Digest is the digest of what was sent",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const manifest = imageManifest();
      for (const tag of ["1.0.0", undefined]) {
        const { headers } = await wire.pushManifest(repository, manifest, tag);
        expect(headers["docker-content-digest"]).toBe(manifest.digest);
      }
    },
  },
  {
    level: "MUST",
    text: "a manifest that does not have the digest of the request is refused",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const digest = sha256("other");
      const answer = await wire.send("PUT", `/v2/${repository}/manifests/${digest}`, {
        headers: { "content-type": IMAGE },
        body: imageManifest().bytes,
      });
      expect(answer.status).toBe(400);
      expect((await wire.send("GET", `/v2/${repository}/manifests/${digest}`)).status).toBe(404);
    },
  },
  {
    level: "MAY",
    text: "a manifest can be stored and read by its sha512 digest, which the answers name",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const { bytes } = imageManifest();
      const digest = sha512(bytes);
      const target = `/v2/${repository}/manifests/${digest}`;
      const headers = { "content-type": IMAGE };
      const pushed = await wire.send("PUT", target, { headers, body: bytes });
      expect([pushed.status, pushed.headers["docker-content-digest"]]).toEqual([201, digest]);
      const pulled = await wire.send("GET", target);
      expect([pulled.status, sha512(pulled.body)]).toEqual([200, digest]);
    },
  },
  {
    level: "MUST",
    text: "a manifest may have no blobs but its config, and an index no manifests",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository, "image");
      await wire.pushManifest(repository, indexManifest(), "index");
    },
  },
  {
    level: "MUST",
    text: "an index of images is kept and pulled as it is",
    async check(wire) {
      const repository = wire.newRepository();
      const images = [await wire.pushImage(repository), await wire.pushImage(repository)];
      const index = indexManifest({ manifests: images.map(descriptorOf) });
      await wire.pushManifest(repository, index, "all");
      const { body, headers } = await wire.send("GET", `/v2/${repository}/manifests/all`);
      expect(body.equals(index.bytes)).toBe(true);
      expect(headers["content-type"]).toBe(index.mediaType);
    },
  },
  {
    level: "MUST",
    text: "a tag moves to what is pushed to it last, and what it had stays by digest",
    async check(wire) {
      const repository = wire.newRepository();
      const first = await wire.pushImage(repository, "latest");
      const second = await wire.pushImage(repository, "latest");
      const target = `/v2/${repository}/manifests/`;
      expect(sha256((await wire.send("GET", `${target}latest`)).body)).toBe(second.digest);
      expect((await wire.send("GET", target + first.digest)).status).toBe(200);
    },
  },
  {
    level: "MUST",
    text: "a pull from a repository that does not exist is 404",
    async check(wire) {
      const { status } = await wire.send("GET", `/v2/${wire.newRepository()}/manifests/latest`);
      expect(status).toBe(404);
    },
  },
  {
    level: "SHOULD",
    text: "parameters of the Content-Type are ignored",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const { bytes } = imageManifest();
      const target = `/v2/${repository}/manifests/1.0.0`;
      const headers = { "content-type": `${IMAGE}; charset=utf-8` };
      expect((await wire.send("PUT", target, { headers, body: bytes })).status).toBe(201);
      const pulled = await wire.send("GET", target);
      expect(pulled.headers["content-type"]).toBe(IMAGE);
    },
  },
  {
    level: "SHOULD",
    text: "a manifest of four megabytes is accepted",
    async check(wire) {
      const repository = wire.newRepository();
      const filler = "x".repeat(4_000_000 - 1000);
      const { digest } = await wire.pushImage(repository, "large", { annotations: { filler } });
      const { body } = await wire.send("GET", `/v2/${repository}/manifests/large`);
      expect(sha256(body)).toBe(digest);
    },
  },
  {
    level: "SHOULD",
    text: "a manifest over the limit of the registry is 413",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository, "{}");
      const { bytes } = imageManifest({ annotations: { filler: "x".repeat(16_000_000) } });
      const answer = await wire.send("PUT", `/v2/${repository}/manifests/huge`, {
        headers: { "content-type": IMAGE },
        body: bytes,
      });
      expect(answer.status).toBe(413);
    },
  },
]);

const subjects = section("Pushing Manifests with Subject", [
  {
    level: "MUST",
    text: "the answer has OCI-Subject with the digest of the subject",
    async check(wire) {
      const repository = wire.newRepository();
      const image = await wire.pushImage(repository, "1.0.0");
      const subject = descriptorOf(image);
      const referrer = imageManifest({ artifactType: "text/note", subject });
      const answer = await wire.pushManifest(repository, referrer);
      expect(answer.headers["oci-subject"]).toBe(image.digest);
      const index = indexManifest({ artifactType: "text/note", subject });
      const indexed = await wire.pushManifest(repository, index);
      expect(indexed.headers["oci-subject"]).toBe(image.digest);
    },
  },
]);

/** What the specification demands of pushes of manifests. */
export const pushManifests: readonly Requirement[] = [...push, ...manifests, ...subjects];
