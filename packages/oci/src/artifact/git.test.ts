import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readGit } from "./git.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-git-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const env = { PATH: process.env["PATH"] };

/** A repository with a signed commit, whose configuration has a program run in each way there is. */
async function evilRepository(...flags: string[]): Promise<{ path: string; commit: string }> {
  const path = join(folder, "module");
  const evil = join(folder, "evil.sh");
  await writeFile(evil, `#!/bin/sh\ntouch '${folder}/was-run'\n`, { mode: 0o755 });
  execFileSync("git", ["init", "-q", ...flags, path], { env });
  const git = (args: string[], input?: string): string =>
    execFileSync("git", ["-C", path, ...args], { env, input, encoding: "utf8" }).trim();
  const tree = git(["hash-object", "-t", "tree", "-w", "--stdin"], "");
  const commit = git(
    ["hash-object", "-t", "commit", "-w", "--stdin"],
    `tree ${tree}
author a <a@example.com> 1700000000 +0000
committer a <a@example.com> 1700000000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 
 x
 -----END PGP SIGNATURE-----

first
`,
  );
  git(["update-ref", "HEAD", commit]);
  git(["config", "log.showSignature", "true"]);
  for (const key of ["gpg.program", "core.fsmonitor", "core.pager", "core.sshCommand"]) {
    git(["config", key, evil]);
  }
  return { path, commit };
}

describe("readGit()", () => {
  it("runs no program that a repository names", async () => {
    const { path, commit } = await evilRepository();
    const facts = await readGit({ env, path });
    expect(facts).toEqual({ commit, commitTime: "1700000000", remote: undefined });
    expect(await readdir(folder)).not.toContain("was-run");
  });

  it("fetches nothing that a repository does not have", async () => {
    const { path, commit } = await evilRepository();
    const git = (...args: string[]): Buffer => execFileSync("git", ["-C", path, ...args], { env });
    git("config", "core.repositoryFormatVersion", "1");
    git("config", "extensions.partialClone", "origin");
    git("config", "remote.origin.url", folder);
    git("config", "remote.origin.promisor", "true");
    git("config", "remote.origin.uploadpack", join(folder, "evil.sh"));
    await rm(join(path, ".git/objects", commit.slice(0, 2), commit.slice(2)));
    const facts = await readGit({ env, path });
    expect(facts).toMatchObject({ commit: undefined, remote: folder });
    expect(await readdir(folder)).not.toContain("was-run");
  });

  it("takes no folder for a repository that is none by its name", async () => {
    const { path } = await evilRepository("--bare");
    expect(await readGit({ env, path })).toEqual({});
    expect(await readdir(folder)).not.toContain("was-run");
  });
});
