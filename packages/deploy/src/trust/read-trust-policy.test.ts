import { generateKeyPairSync } from "node:crypto";

import { hasCode } from "@tenon/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTrustPolicy } from "./read-trust-policy.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = String(publicKey.export({ format: "pem", type: "spki" }));
const secret = String(privateKey.export({ format: "pem", type: "pkcs8" }));
const related: Readonly<Record<string, string>> = {
  "a.pub": pem,
  "again.pub": pem,
  "both.pub": pem + pem,
  "a.key": secret,
  "root.json": "{}",
};

async function read(text: string) {
  return parseTrustPolicy("p.yaml", Buffer.from(text), async (name) => {
    const found = related[name];
    if (found === undefined) throw new Error("ENOENT: no such file or directory, open '/p'");
    return found;
  });
}

/** The problems of a policy, each as `line:column text`. */
async function problemsOf(text: string): Promise<string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  if (!hasCode(error, "DEPLOY_TRUST_POLICY_INVALID")) throw error;
  expect(JSON.stringify([error.message, error.diagnostics])).not.toContain("PRIVATE KEY");
  return error.diagnostics.map(({ text: found, positions: [at], notes = [] }) =>
    [`${at?.line}:${at?.column} ${found}`, ...notes].join("; "),
  );
}

describe("parseTrustPolicy()", () => {
  it("reads keys, identities, thresholds, and what is allowed and denied", async () => {
    const indented = pem.trimEnd().replaceAll("\n", "\n          ");
    const { rules } = await read(`rules:
  - prefix: GHCR.io:443/org/modules
    keys:
      - |
          ${indented}
    identities:
      - {identity: me@example.com, issuerRegexp: "https://(a|b)", trustedRoot: root.json}
    threshold: 2
    tags: immutable
  - prefix: docker.io/library
    keys: [a.pub]
  - {prefix: "localhost:5000", allow: true}
  - {prefix: "*", deny: true}
`);
    expect(
      rules.map(({ prefix, at, demand, immutableTags }) => ({
        prefix,
        line: at.line,
        immutableTags,
        demand:
          typeof demand === "string"
            ? demand
            : [demand.threshold, ...demand.signers.map(({ name }) => name)],
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "demand": [
            2,
            "the key of line 4",
            "me@example.com of /https:\\/\\/(a|b)/",
          ],
          "immutableTags": true,
          "line": 2,
          "prefix": "ghcr.io/org/modules",
        },
        {
          "demand": [
            1,
            "a.pub",
          ],
          "immutableTags": false,
          "line": 13,
          "prefix": "index.docker.io/library",
        },
        {
          "demand": "allow",
          "immutableTags": false,
          "line": 15,
          "prefix": "localhost:5000",
        },
        {
          "demand": "deny",
          "immutableTags": false,
          "line": 16,
          "prefix": "*",
        },
      ]
    `);
    const [first] = rules;
    const signers = typeof first?.demand === "object" ? first.demand.signers : [];
    expect(signers[1]?.signer).toMatchObject({ issuer: /^(?:https:\/\/(a|b))$/u });
  });

  it.each([
    [
      "an unknown field",
      "rules:\n  - prefix: ghcr.io\n    alow: true\n",
      ['3:5 a rule has no field "alow"; did you mean "allow"?'],
    ],
    [
      "an unknown field at the top",
      "rules: []\nversion: 1\n",
      ['2:1 a trust policy has no field "version"; it has rules'],
    ],
    ["no rules", "{}", ["1:1 it has no rules"]],
    ["another shape", "- a\n", ["1:1 a trust policy has to be a map"]],
    ["two documents", "rules: []\n---\nrules: []\n", ["3:1 a trust policy is one document"]],
    [
      "broken YAML",
      "rules: [\n",
      ["2:1 Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ],
    ["a key twice", "rules: []\nrules: []\n", ["2:1 the key is there twice"]],
    ["a rule that is none", "rules: [ghcr.io]", ["1:9 a rule has to be a map"]],
    ["no prefix", "rules: [{allow: true}]", ["1:9 a rule needs a prefix"]],
    [
      "a prefix with a scheme",
      "rules: [{prefix: 'oci://ghcr.io/a', allow: true}]",
      ["1:18 a prefix has no scheme: write ghcr.io/a"],
    ],
    [
      "a prefix with a tag",
      "rules: [{prefix: 'ghcr.io/a:1', allow: true}]",
      [
        '1:18 it is no registry with a path: "a:1" cannot be part of a repository; prefixes look like ghcr.io, ghcr.io/org or ghcr.io/org/modules',
      ],
    ],
    [
      "a prefix that ends with a slash",
      "rules: [{prefix: ghcr.io/a/, allow: true}]",
      [
        "1:18 it is no registry with a path: the repository has an empty part; prefixes look like ghcr.io, ghcr.io/org or ghcr.io/org/modules",
      ],
    ],
    [
      "a prefix twice",
      "rules: [{prefix: ghcr.io/a, allow: true}, {prefix: GHCR.IO/a, deny: true}]",
      ["1:43 a rule for ghcr.io/a is there already"],
    ],
    [
      "nothing demanded",
      "rules: [{prefix: ghcr.io}]",
      ["1:9 a rule has either keys and identities, or allow, or deny"],
    ],
    [
      "two demands",
      "rules: [{prefix: ghcr.io, allow: true, deny: true}]",
      ["1:46 a rule has either keys and identities, or allow, or deny"],
    ],
    [
      "keys that do not matter",
      "rules: [{prefix: ghcr.io, keys: [a.pub], allow: true}]",
      ["1:49 a rule has either keys and identities, or allow, or deny"],
    ],
    [
      "allow that is not true",
      "rules: [{prefix: ghcr.io, allow: false}]",
      ["1:34 it can only be true"],
    ],
    [
      "a threshold without signers",
      "rules: [{prefix: ghcr.io, allow: true, threshold: 1}]",
      ["1:51 only rules with signers have a threshold"],
    ],
    [
      "no signers",
      "rules: [{prefix: ghcr.io, keys: []}]",
      [
        "1:9 the rule has no signers: nothing would ever be accepted; to refuse everything write `deny: true`",
      ],
    ],
    [
      "a threshold of none",
      "rules: [{prefix: ghcr.io, keys: [a.pub], threshold: 0}]",
      ["1:53 the threshold has to be a whole number from 1"],
    ],
    [
      "a threshold beyond the signers",
      "rules: [{prefix: ghcr.io, keys: [a.pub], threshold: 2}]",
      ["1:53 2 signers are needed, and the rule has 1"],
    ],
    [
      "a threshold that is text",
      "rules: [{prefix: ghcr.io, keys: [a.pub], threshold: '1'}]",
      ["1:53 the threshold has to be a whole number from 1"],
    ],
    [
      "a key under two names",
      "rules: [{prefix: ghcr.io, keys: [a.pub, again.pub], threshold: 2}]",
      ["1:41 the rule has this signer already"],
    ],
    [
      "a key file that is not there",
      "rules: [{prefix: ghcr.io, keys: [b.pub]}]",
      ["1:34 cannot read b.pub: ENOENT: no such file or directory"],
    ],
    [
      "a private key",
      "rules: [{prefix: ghcr.io, keys: [a.key]}]",
      ["1:34 Cannot read the public key: it is a private key"],
    ],
    [
      "two keys in a file",
      "rules: [{prefix: ghcr.io, keys: [both.pub]}]",
      ["1:34 not one public key as PEM"],
    ],
    [
      "a file that is no key",
      "rules: [{prefix: ghcr.io, keys: [root.json]}]",
      ["1:34 not one public key as PEM"],
    ],
    [
      "an identity without all",
      "rules: [{prefix: ghcr.io, identities: [{identity: a}]}]",
      [
        "1:40 an identity has either issuer or issuerRegexp",
        "1:40 an identity needs a trustedRoot",
      ],
    ],
    [
      "an issuer that is no pattern",
      "rules: [{prefix: g.io, identities: [{identity: a, issuerRegexp: 'a)|(?:b', trustedRoot: root.json}]}]",
      ["1:65 it is no regular expression"],
    ],
    [
      "a trusted root that is none",
      "rules: [{prefix: g.io, identities: [{identity: a, issuer: b, trustedRoot: a.pub}]}]",
      ["1:75 the trusted root is not JSON"],
    ],
    [
      "other tags",
      "rules: [{prefix: ghcr.io, allow: true, tags: mutable}]",
      ["1:46 tags can only be `immutable`"],
    ],
  ])("refuses %s", async (_, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  it("does not repeat a private key that stands in the policy", async () => {
    const inline = JSON.stringify(secret);
    expect(await problemsOf(`rules: [{prefix: ghcr.io, keys: [${inline}]}]`)).toEqual([
      "1:34 Cannot read the public key: it is a private key",
    ]);
  });

  it("reads or refuses whatever it is given", async () => {
    const names =
      "rules prefix keys identities identity issuer issuerRegexp trustedRoot threshold allow deny tags __proto__";
    const words = fc.constantFrom(...names.split(" "));
    const leaf = fc.oneof(words, fc.string(), fc.double(), fc.boolean(), fc.constant(null));
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof(
        leaf,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(words, tie("node"), { maxKeys: 7 }),
      ),
    }));
    const rules = fc.array(fc.dictionary(words, node, { maxKeys: 7 }), { maxLength: 3 });
    const policies = fc.oneof(fc.record({ rules }), node).map((value) => JSON.stringify(value));
    const check = async (text: string): Promise<void> => {
      await read(text).catch((error: unknown) => {
        if (!hasCode(error, "DEPLOY_TRUST_POLICY_INVALID")) throw error;
      });
    };
    await fc.assert(fc.asyncProperty(policies, check), { numRuns: 100 });
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), check), { numRuns: 100 });
  });

  it("refuses an empty file", async () => {
    await expect(read("# nothing\n")).rejects.toThrow(/it is empty/);
  });
});
