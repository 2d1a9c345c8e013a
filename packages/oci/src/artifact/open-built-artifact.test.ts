import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { packTar } from "../archive/pack-tar.ts";
import { buildArtifact } from "./build-artifact.ts";
import { isLayout, openBuiltArtifact } from "./open-built-artifact.ts";
import { writeLayout } from "./write-layout.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tenon-built-"));
  await mkdir(join(root, "files"));
  await writeFile(join(root, "files/a.txt"), "a");
  await using artifact = await buildArtifact(join(root, "files"));
  for (const format of ["oci-archive", "oci-layout"] as const) {
    await writeLayout(artifact, join(root, format), { format, tags: ["1.0.0"] });
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function write(name: string, path: string, gzip: boolean): Promise<string> {
  await using tar = await packTar([{ path, type: "file", content: Buffer.from("{}") }], { gzip });
  await writeFile(
    join(root, name),
    Buffer.from(await new Response(await tar.open()).arrayBuffer()),
  );
  return name;
}

describe("isLayout()", () => {
  it.each(["oci-archive", "oci-layout"])("knows an %s", async (name) => {
    expect(await isLayout(join(root, name))).toBe(true);
  });

  it("takes nothing else for one", async () => {
    await writeFile(join(root, "empty"), "");
    await writeFile(join(root, "ustar"), `${"\0".repeat(257)}ustar${"oci-layout".repeat(99)}`);
    const others = [
      "missing",
      "files",
      "files/a.txt",
      "empty",
      "ustar",
      await write("plain.tar", "a.txt", false),
      await write("inside.tar", "sub/oci-layout", false),
      await write("layout.tar.gz", "oci-layout", true),
    ];
    for (const name of others)
      expect([name, await isLayout(join(root, name))]).toEqual([name, false]);
  });
});

describe("openBuiltArtifact()", () => {
  it("opens what was built", async () => {
    await using artifact = await buildArtifact(join(root, "files"));
    for (const name of ["oci-archive", "oci-layout"]) {
      await using built = await openBuiltArtifact(join(root, name));
      expect(built.digest).toBe(artifact.digest);
      expect(built.layers.map(({ digest }) => digest)).toEqual(
        artifact.layers.map(({ digest }) => digest),
      );
    }
  });

  it("names the command that builds one where something is no layout", async () => {
    const name = join(root, await write("marker.tar", "oci-layout", false));
    await expect(openBuiltArtifact(name)).rejects.toMatchObject({ code: "OCI_LAYOUT_INVALID" });
  });
});
