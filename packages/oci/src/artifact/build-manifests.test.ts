import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { buildManifestsArtifact } from "./build-manifests.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tenon-manifests-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const files = new Map([["manifests.yaml", Buffer.from("kind: ConfigMap\n")]]);

describe("buildManifestsArtifact()", () => {
  it("has one layer that Argo CD takes, and a config that names it", async () => {
    const artifact = await buildManifestsArtifact(files, { annotations: { "example.com/a": "1" } });
    const [layer] = artifact.layers;
    expect(JSON.parse(Buffer.from(artifact.manifest).toString())).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {
        mediaType: "application/vnd.cncf.flux.config.v1+json",
        size: artifact.config.size,
        digest: artifact.config.digest,
      },
      layers: [
        {
          mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
          size: layer?.size,
          digest: layer?.digest,
        },
      ],
      annotations: { "example.com/a": "1" },
    });
    const config: unknown = await new Response(await artifact.config.open()).json();
    expect(config).toMatchObject({ rootfs: { type: "layers", diff_ids: [layer?.diffId] } });
    expect(sha256(artifact.manifest)).toBe(artifact.digest);
  });

  it("is the same for the same files, and another for others", async () => {
    const first = await buildManifestsArtifact(files);
    expect((await buildManifestsArtifact(new Map(files))).digest).toBe(first.digest);
    const others = new Map([["manifests.yaml", Buffer.from("kind: Secret\n")]]);
    expect((await buildManifestsArtifact(others)).digest).not.toBe(first.digest);
  });

  it("tells the commit of the source, and its repository without credentials", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
        cwd: root,
        env: { ...process.env, GIT_COMMITTER_DATE: "2023-11-14T22:13:20Z" },
      })
        .toString()
        .trim();
    const source = join(root, "bundle.cue");
    await writeFile(source, "bundle: {}\n");
    git("init", "-q");
    git("remote", "add", "origin", "https://robot:pass@word@git.example.com/org/shop.git");
    git("add", ".");
    git("commit", "-qm", "first");
    const { annotations } = await buildManifestsArtifact(files, {
      source,
      env: { PATH: process.env["PATH"] },
    });
    expect(annotations).toEqual({
      "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
      "org.opencontainers.image.revision": git("rev-parse", "HEAD"),
      "org.opencontainers.image.source": "https://git.example.com/org/shop.git",
    });
  });
});
