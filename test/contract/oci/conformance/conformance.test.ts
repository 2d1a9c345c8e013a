import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type RegistryServer,
  createLayoutRegistry,
  createMemoryRegistry,
  serveRegistry,
} from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { repoPath } from "../../../support/repo.ts";
import { findDockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { dockerRegistryFailures } from "./docker-registry-failures.ts";
import { nameOf } from "./requirement.ts";
import { requirements } from "./requirements.ts";
import { type Wire, openWire } from "./wire.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-conformance-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

conforms("tenon registry serve in memory", () => served(serveRegistry(createMemoryRegistry())));
conforms("tenon registry serve on disk", () =>
  served(serveRegistry(createLayoutRegistry(join(folder, "layouts")))),
);

const docker = findDockerRegistry();
if ("path" in docker) {
  conforms("docker-registry", () => startDockerRegistry(docker.path), dockerRegistryFailures);
} else {
  it.skipIf(process.env["CI"] !== "true")(`docker-registry: ${docker.reason}`, () => {
    expect.fail(docker.reason);
  });
}

it("names each requirement once, and no failure of a requirement that is not there", () => {
  const names = requirements.map(nameOf);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining([...dockerRegistryFailures.keys()]));
});

it("has the known failures of docker-registry in the documentation", async () => {
  const text = await readFile(repoPath("docs/registry.md"), "utf8");
  const rows = requirements.flatMap((requirement) => {
    const instead = dockerRegistryFailures.get(nameOf(requirement));
    return instead === undefined
      ? []
      : [`| ${requirement.section} | ${requirement.text} | ${instead} |`];
  });
  const [, table = ""] = text.split(
    "| section | demand | docker-registry |\n| --- | --- | --- |\n",
  );
  expect(table.trimEnd().split("\n")).toEqual(rows);
});

interface Served extends AsyncDisposable {
  readonly host: string;
}

/** Runs the suite. What is listed must fail, so that a list that is out of date shows. */
function conforms(
  name: string,
  start: () => Promise<Served>,
  failures: ReadonlyMap<string, string> = new Map(),
): void {
  describe(name, () => {
    let server: Served;
    let wire: Wire;
    beforeAll(async () => {
      server = await start();
      wire = openWire(`http://${server.host}`);
    });
    afterAll(async () => {
      await wire?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    });
    for (const requirement of requirements) {
      const known = failures.has(nameOf(requirement));
      const title = `${requirement.section} (${requirement.level}): ${requirement.text}`;
      it(known ? `${title} — known not to` : title, async () => {
        if (known) await expect(requirement.check(wire)).rejects.toThrow();
        else await requirement.check(wire);
      });
    }
  });
}

async function served(server: Promise<RegistryServer>): Promise<Served> {
  return server;
}
