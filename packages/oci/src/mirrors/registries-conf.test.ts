import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { loadRegistryTable } from "./load-table.ts";
import { planPull, planPush, sourceText } from "./pull-sources.ts";
import { parseRegistriesConf } from "./registries-conf.ts";

const digest = `sha256:${"a".repeat(64)}`;

function plan(conf: string, host: string, repository: string, reference?: string): string[] {
  const entries = parseRegistriesConf(conf, "r.conf").toSorted(
    (a, b) => b.prefix.length - a.prefix.length,
  );
  const by = reference === digest ? "digest" : "tag";
  const { sources } = planPull({ entries, files: [] }, { host, repository, reference }, by);
  return sources.map((source) => `${sourceText(source)}${source.insecure ? " insecure" : ""}`);
}

describe("parseRegistriesConf()", () => {
  it.each([
    ["a = ", /invalid value/i, 1],
    ["registry = []\n[registries.insecure]\nregistries = ['a']", /two versions/, 2],
    ["[registries.block]\nregistries = 'a'", /list of texts/, 1],
    ["\n[[registry]]\ninsecure = true", /needs a prefix/, 2],
    ["[[registry]]\nlocation = 'a.io'\n[[registry]]\nprefix = 'a.io'", /in line 1/, 3],
    ["[[registry]]\nlocation = 'a.io'\nblocked = 'yes'", /true or false/, 1],
    ["[[registry]]\nlocation = 'https://a.io'", /must be host/, 1],
    ["[[registry]]\nlocation = '*.a.io'\nprefix = 'a.io'", /location must be host/, 1],
    ["[[registry]]\nlocation = 'a.io'\n[[registry.mirror]]\ninsecure = true", /location/, 1],
    [
      "[[registry]]\nlocation = 'a.io'\n[[registry.mirror]]\nlocation = 'b'\npull-from-mirror = 'x'",
      /digest-only or tag-only/,
      1,
    ],
    ["registry = 3", /must be tables/, 1],
  ])("refuses %j with its place", (text, message, line) => {
    expect(() => parseRegistriesConf(text, "r.conf")).toThrowError(
      expect.objectContaining({
        code: "OCI_REGISTRIES_CONF_INVALID",
        message: expect.stringMatching(message),
        diagnostics: [
          expect.objectContaining({
            positions: [expect.objectContaining({ file: "r.conf", line })],
          }),
        ],
      }),
    );
  });
});

it("parseRegistriesConf() reads the first version of the format", () => {
  const lists = { search: ["docker.io"], insecure: ["a.io", "b.io"], block: ["b.io"] };
  const text = Object.entries(lists).map(
    ([name, hosts]) => `[registries.${name}]\nregistries = ${JSON.stringify(hosts)}\n`,
  );
  expect(parseRegistriesConf(text.join(""), "r.conf")).toMatchObject([
    { prefix: "a.io", insecure: true, blocked: false },
    { prefix: "b.io", insecure: true, blocked: true },
  ]);
});

describe("planPull()", () => {
  const conf = `
    unqualified-search-registries = ["docker.io"]
    [[registry]]
    prefix = "ghcr.io/org"
    location = "inside.example:5000/ghcr"
    [[registry.mirror]]
    location = "near.example/org"
    [[registry.mirror]]
    location = "digests.example"
    insecure = true
    pull-from-mirror = "digest-only"
    [[registry.mirror]]
    location = "tags.example"
    pull-from-mirror = "tag-only"
    [[registry]]
    location = "ghcr.io"
    blocked = true
    [[registry]]
    prefix = "*.corp.example"
    insecure = true
    [[registry]]
    prefix = "*.team.corp.example"
    location = "hub.example/teams"
    [[registry]]
    location = "docker.io/library"
    mirror-by-digest-only = true
    [[registry.mirror]]
    location = "hub.example/official"
    [[registry]]
    prefix = "quay.io/org/app:1.0"
    location = "quay.io/org/app:1.0-fixed"
  `;
  it.each([
    [
      "ghcr.io",
      "org/app",
      "1.0",
      ["near.example/org/app:1.0", "tags.example/app:1.0", "inside.example:5000/ghcr/app:1.0"],
    ],
    [
      "ghcr.io",
      "org/app",
      digest,
      [
        `near.example/org/app@${digest}`,
        `digests.example/app@${digest} insecure`,
        `inside.example:5000/ghcr/app@${digest}`,
      ],
    ],
    ["ghcr.io:444", "org/app", "1.0", ["ghcr.io:444/org/app:1.0"]],
    ["a.corp.example", "x/y", "1", ["a.corp.example/x/y:1 insecure"]],
    ["a.b.corp.example:5000", "x/y", "1", ["a.b.corp.example:5000/x/y:1 insecure"]],
    ["corp.example", "x/y", "1", ["corp.example/x/y:1"]],
    ["evil-corp.example", "x/y", "1", ["evil-corp.example/x/y:1"]],
    ["b.team.corp.example", "x/y", "1", ["hub.example/teams/x/y:1"]],
    ["index.docker.io", "library/nginx", "1", ["index.docker.io/library/nginx:1"]],
    [
      "index.docker.io",
      "library/nginx",
      digest,
      [`hub.example/official/nginx@${digest}`, `index.docker.io/library/nginx@${digest}`],
    ],
    ["quay.io", "org/app", "1.0", ["quay.io/org/app:1.0-fixed"]],
    ["quay.io", "org/app", "1.0.1", ["quay.io/org/app:1.0.1"]],
  ])("reads %s/%s %s where it says", (host, repository, reference, expected) => {
    expect(plan(conf, host, repository, reference)).toEqual(expected);
  });

  it("refuses what is blocked, for writing too, and says where", () => {
    const entries = parseRegistriesConf(conf, "r.conf");
    const name = { host: "ghcr.io", repository: "organ/app", reference: "1" };
    const blocked = expect.objectContaining({
      code: "OCI_REGISTRY_BLOCKED",
      message: "Cannot use ghcr.io/organ/app:1: r.conf blocks ghcr.io (line 15)",
    });
    expect(() => planPull({ entries, files: [] }, name, "tag")).toThrowError(blocked);
    expect(() => planPush({ entries, files: [] }, name)).toThrowError(blocked);
  });

  it("writes to the registry that was named", () => {
    const entries = parseRegistriesConf(conf, "r.conf");
    const name = { host: "ghcr.io", repository: "org/app", reference: "1" };
    expect(sourceText(planPush({ entries, files: [] }, name))).toBe("ghcr.io/org/app:1");
  });

  it("tells which location makes no name", () => {
    const text = "[[registry]]\nprefix = 'a.io'\nlocation = 'b.io/UPPER'";
    expect(() => plan(text, "a.io", "x/y", "1")).toThrowError(/b\.io\/UPPER\/x\/y:1 is no name/);
  });
});

describe("loadRegistryTable()", () => {
  let home = "";
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "tenon-conf-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function write(path: string, ...locations: readonly string[]): Promise<string> {
    const file = join(home, path);
    await mkdir(dirname(file), { recursive: true });
    const entries = locations.map(
      (at, i) => `[[registry]]\nprefix = "p${i}.io"\nlocation = "${at}"\n`,
    );
    await writeFile(file, entries.join(""));
    return file;
  }
  const load = async (env: Record<string, string> = {}, file?: string) => {
    const { entries } = await loadRegistryTable({ env, home, file, systemDir: join(home, "etc") });
    return entries.map(({ location }) => location).toSorted();
  };

  it("takes each file in its turn, and later ones over earlier ones", async () => {
    expect(await load()).toEqual([]);
    await write("etc/registries.conf", "system");
    expect(await load()).toEqual(["system"]);
    await write("etc/registries.conf.d/1.conf", "dropin", "more");
    await write("etc/registries.conf.d/2.txt", "ignored");
    expect(await load()).toEqual(["dropin", "more"]);
    await write(".config/containers/registries.conf.d/9.conf", "mine");
    expect(await load()).toEqual(["mine", "more"]);
    await write(".config/containers/registries.conf", "user", "user1");
    expect(await load()).toEqual(["mine", "user1"]);
    await write("xdg/containers/registries.conf", "xdg");
    expect(await load({ XDG_CONFIG_HOME: join(home, "xdg") })).toEqual(["xdg"]);
    const main = await write("main.conf", "main", "main1", "main2");
    expect(await load({ CONTAINERS_REGISTRIES_CONF: main })).toEqual(["main2", "mine", "more"]);
    const only = await write("only.conf", "only");
    expect(await load({ CONTAINERS_REGISTRIES_CONF: main, TENON_REGISTRIES_CONF: only })).toEqual([
      "only",
    ]);
    expect(await load({ TENON_REGISTRIES_CONF: only }, main)).toEqual(["main", "main1", "main2"]);
  });

  it.each(["TENON_REGISTRIES_CONF", "CONTAINERS_REGISTRIES_CONF"])(
    "fails for a file of %s that is not there",
    async (name) => {
      await expect(load({ [name]: join(home, "absent") })).rejects.toMatchObject({
        code: "OCI_REGISTRIES_CONF_INVALID",
        message: expect.stringMatching(/no such file/),
      });
    },
  );
});
