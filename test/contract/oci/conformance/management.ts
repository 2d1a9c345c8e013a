import { randomBytes } from "node:crypto";

import { sha256 } from "@tenon/core";
import { expect } from "vitest";

import { type Requirement, section } from "./requirement.ts";
import { descriptorOf } from "./wire.ts";

const disabled = [400, 405];

const tags = section("Deleting tags", [
  {
    level: "MUST",
    text: "answers 202 and the tag is gone, or 400 or 405 where it cannot be done",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository, "1.0.0");
      const target = `/v2/${repository}/manifests/1.0.0`;
      const { status } = await wire.send("DELETE", target);
      expect([202, ...disabled]).toContain(status);
      expect((await wire.send("GET", target)).status).toBe(status === 202 ? 404 : 200);
    },
  },
  {
    level: "MAY",
    text: "tags can be deleted, and the manifest and its other tags stay",
    async check(wire) {
      const repository = wire.newRepository();
      const manifest = await wire.pushImage(repository, "1.0.0");
      await wire.pushManifest(repository, manifest, "latest");
      const target = `/v2/${repository}/manifests`;
      expect((await wire.send("DELETE", `${target}/1.0.0`)).status).toBe(202);
      expect((await wire.send("GET", `${target}/latest`)).status).toBe(200);
      expect((await wire.send("DELETE", `${target}/latest`)).status).toBe(202);
      expect((await wire.send("GET", `${target}/${manifest.digest}`)).status).toBe(200);
    },
  },
]);

const manifests = section("Deleting Manifests", [
  {
    level: "MUST",
    text: "answers 202, and the manifest and every tag that points to it are gone",
    async check(wire) {
      const repository = wire.newRepository();
      const manifest = await wire.pushImage(repository, "1.0.0");
      await wire.pushManifest(repository, manifest, "latest");
      const target = `/v2/${repository}/manifests`;
      expect((await wire.send("DELETE", `${target}/${manifest.digest}`)).status).toBe(202);
      for (const reference of [manifest.digest, "1.0.0", "latest"]) {
        expect((await wire.send("GET", `${target}/${reference}`)).status).toBe(404);
      }
    },
  },
  {
    level: "MUST",
    text: "a repository that does not exist is 404",
    async check(wire) {
      const target = `/v2/${wire.newRepository()}/manifests/${sha256(randomBytes(8))}`;
      expect((await wire.send("DELETE", target)).status).toBe(404);
    },
  },
  {
    level: "MUST",
    text: "a manifest that does not exist is 404",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushImage(repository, "1.0.0");
      const target = `/v2/${repository}/manifests/${sha256(randomBytes(8))}`;
      expect((await wire.send("DELETE", target)).status).toBe(404);
    },
  },
  {
    level: "MUST",
    text: "a referrer that was deleted is not listed any more",
    async check(wire) {
      const repository = wire.newRepository();
      const image = await wire.pushImage(repository, "1.0.0");
      const subject = descriptorOf(image);
      const referrer = await wire.pushImage(repository, undefined, { subject });
      const list = `/v2/${repository}/referrers/${image.digest}`;
      expect((await wire.send("GET", list)).body.toString()).toContain(referrer.digest);
      const target = `/v2/${repository}/manifests/${referrer.digest}`;
      expect((await wire.send("DELETE", target)).status).toBe(202);
      expect((await wire.send("GET", list)).json()).toMatchObject({ manifests: [] });
    },
  },
]);

const blobs = section("Deleting Blobs", [
  {
    level: "MUST",
    text: "answers 202, and the blob is gone",
    async check(wire) {
      const repository = wire.newRepository();
      const { digest } = await wire.pushBlob(repository);
      const target = `/v2/${repository}/blobs/${digest}`;
      expect((await wire.send("DELETE", target)).status).toBe(202);
      for (const method of ["GET", "HEAD"]) {
        expect((await wire.send(method, target)).status).toBe(404);
      }
    },
  },
  {
    level: "MUST",
    text: "a blob that is not there is 404",
    async check(wire) {
      const repository = wire.newRepository();
      await wire.pushBlob(repository);
      const target = `/v2/${repository}/blobs/${sha256(randomBytes(8))}`;
      expect((await wire.send("DELETE", target)).status).toBe(404);
    },
  },
]);

/** What the specification demands of deletes. */
export const management: readonly Requirement[] = [...tags, ...manifests, ...blobs];
