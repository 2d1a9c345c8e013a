import { parseDigest } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { type ProvenanceFacts, provenanceStatement } from "./provenance.ts";

const hex = "a".repeat(64);
const facts: ProvenanceFacts = {
  name: "example.com/shop",
  digest: parseDigest(`sha256:${hex}`),
  annotations: { "org.opencontainers.image.version": "1.2.0" },
  files: new Map(),
  version: "0.9.0",
};

function statementOf(changes: Partial<ProvenanceFacts>): Statement {
  return JSON.parse(provenanceStatement({ ...facts, ...changes })) as Statement;
}

interface Statement {
  readonly predicate: { readonly buildDefinition: { readonly resolvedDependencies: unknown[] } };
}

const dependenciesOf = (changes: Partial<ProvenanceFacts>): unknown[] =>
  statementOf(changes).predicate.buildDefinition.resolvedDependencies;

describe("provenanceStatement()", () => {
  it("is a statement of in-toto with the provenance of SLSA", () => {
    expect(statementOf({})).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "example.com/shop", digest: { sha256: hex } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          buildType: "https://tenon.dev/module/v1",
          externalParameters: { module: "example.com/shop", version: "1.2.0" },
          resolvedDependencies: [],
        },
        runDetails: { builder: { id: "https://tenon.dev/cli", version: { tenon: "0.9.0" } } },
      },
    });
  });

  it.each([
    ["https://me:secret@example.com/org/shop.git", "git+https://example.com/org/shop.git"],
    ["ssh://git:secret@example.com/org/shop", "git+ssh://git@example.com/org/shop"],
    ["git@example.com:org/shop.git", "git+ssh://git@example.com/org/shop.git"],
    ["/home/me/shop", undefined],
    ["file:///home/me/shop", undefined],
  ])("names the repository %s without secrets and paths", (source, uri) => {
    const annotations = {
      "org.opencontainers.image.source": source,
      "org.opencontainers.image.revision": "0123abcd",
    };
    expect(dependenciesOf({ annotations })).toEqual([
      { name: "source", ...(uri && { uri }), digest: { gitCommit: "0123abcd" } },
    ]);
  });

  it("says where the module is not all as the commit has it", () => {
    const annotations = {
      "org.opencontainers.image.revision": "0123abcd",
      "tenon.dev/uncommitted": "true",
    };
    expect(dependenciesOf({ annotations })).toEqual([
      {
        name: "source",
        digest: { gitCommit: "0123abcd" },
        annotations: { "tenon.dev/uncommitted": "true" },
      },
    ]);
  });

  it("names images, with their digests where they are pinned", () => {
    const images = `docker.io/library/nginx:1.29@sha256:${hex},example.com/tool:1,odd@sha256:x`;
    expect(dependenciesOf({ annotations: { "sh.timoni.images": images } })).toEqual([
      { uri: "oci://docker.io/library/nginx:1.29", digest: { sha256: hex } },
      { uri: "oci://example.com/tool:1" },
      { uri: "oci://odd" },
    ]);
  });

  it("names vendored packages and required modules with the hashes that Go has for them", () => {
    const text = (content: string) => Buffer.from(content);
    const files = new Map([
      ["cue.mod/module.cue", text("module: ...")],
      ["cue.mod/gen/k8s.io/api/b.cue", text("b")],
      ["cue.mod/gen/k8s.io/api/a.cue", text("a")],
      ["cue.mod/dependencies/example.com/lib@v0.1.0/lib.cue", text("lib")],
      ["timoni.cue", text("package main")],
    ]);
    expect(dependenciesOf({ files })).toMatchInlineSnapshot(`
      [
        {
          "digest": {
            "dirHash": "8da74dd38a0f444cb1c0af8279384d36111a5caa9f558ea316a09cc35a9f2a99",
          },
          "name": "cue.mod/gen/k8s.io",
        },
        {
          "digest": {
            "dirHash": "0a16615d99f13fcdd21f90a1640b97b53447500df710127ed074aace7c60b6fa",
          },
          "name": "example.com/lib@v0.1.0",
        },
      ]
    `);
  });
});
