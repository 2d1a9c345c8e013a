import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { kubeObject } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import { schemaCel } from "../../../packages/deploy/src/render/schema-cel.ts";
import {
  createKubernetesSchemas,
  definitionsIn,
} from "../../../packages/schema/src/kubernetes/index.ts";
import { openSchemaFiles } from "../../../packages/schema/src/kubernetes/schema-files.ts";
import type { ApiServer, Manifest } from "./api-server.ts";
import { startApiServer } from "./api-server.ts";
import { crossCheck } from "./cross-check.ts";
import { readTypedFields } from "./typed-fields.ts";

const generated = new URL("../../../packages/schema/dist/kubernetes/", import.meta.url);
const binary = process.env.TENON_TEST_CLUSTER;
if (binary === undefined && process.env.CI === "true")
  throw new Error("TENON_TEST_CLUSTER is not set");

describe.skipIf(binary === undefined)("checkObject() against a server (TENON_TEST_CLUSTER)", () => {
  const schemas = createKubernetesSchemas(generated);
  let server: ApiServer;
  let objects: readonly Manifest[];

  beforeAll(async () => {
    server = await startApiServer();
    const text = await readFile(new URL("objects.yaml", import.meta.url), "utf8");
    objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("takes what the server takes", async () => {
    for (const object of objects) {
      const { status, problems } = await schemas.checkObject(kubeObject(JSON.stringify(object)));
      const verdict = [await server.refusesCreate(object), await server.refusesApply(object)];
      const name = `${object.kind} ${object.metadata.name}`;
      const errors = problems.filter(({ isWarning }) => isWarning !== true);
      expect({ name, verdict, status, errors }).toEqual({
        name,
        verdict: [undefined, undefined],
        status: "checked",
        errors: [],
      });
    }
  });

  test("reports only what the server refuses, and each of its rules is one of the server's", async () => {
    const fields = await readTypedFields(openSchemaFiles(fileURLToPath(generated)));
    const { falseAlarms, proven, reported } = await crossCheck(
      server,
      schemas,
      objects,
      ({ apiVersion, kind }, { path }) => fields.nameOf(apiVersion, kind, path),
    );
    expect(falseAlarms).toEqual([]);
    expect([...fields.constrained].filter((field) => !proven.has(field))).toEqual([]);
    expect(reported).toBeGreaterThan(10_000);
  });

  describe("expressions", () => {
    let definition: Manifest;
    let thing: Manifest;
    let policy: Manifest;
    beforeAll(async () => {
      const text = await readFile(new URL("expressions.yaml", import.meta.url), "utf8");
      [definition, thing, policy] = parseAllDocuments(text).map(
        (document) => document.toJS() as Manifest,
      ) as [Manifest, Manifest, Manifest];
      await server.define(definition);
    });

    async function problemsOf(object: Manifest) {
      const definitions = definitionsIn([kubeObject(JSON.stringify(definition))]);
      const options = { definitions, cel: schemaCel };
      return (await schemas.checkObject(kubeObject(JSON.stringify(object)), options)).problems;
    }

    test("are read as the server reads them, and hold where they hold for the server", async () => {
      expect(await problemsOf(definition)).toEqual([]);
      expect(await server.refusesCreate(thing)).toBeUndefined();
      expect(await problemsOf(thing)).toEqual([]);
      expect(await server.refusesCreate(policy)).toBeUndefined();
      expect(await problemsOf(policy)).toEqual([]);
    });

    test.each([
      "{metadata: {name: other}}",
      "{spec: {replicas: 7}}",
      "{spec: {ratio: 2}}",
      "{spec: {whole: 3}}",
      "{spec: {port: '80'}}",
      "{spec: {list: [x]}}",
      "{spec: {numbers: [-1]}}",
      "{spec: {labels: {app: other}}}",
      "{spec: {absent: ab}}",
      "{spec: {inner: {deep: z}}}",
      "{spec: {dashed-name: 2}}",
      "{spec: {elements: [{name: c}]}}",
      "{spec: {flag: false}}",
      "{spec: {template: {kind: Secret}}}",
      "{spec: {nested: {a: [{key: k, choice: C}]}}}",
      "{spec: {nested: {b: []}}}",
      "{spec: {nested: {b: [{key: kk, other: o}]}}}",
    ])("refuse %s, as they do on the server", async (change) => {
      const object = merge(thing, parse(change)) as Manifest;
      expect(await server.refusesCreate(object)).toMatch(/is invalid/);
      expect(await problemsOf(object)).not.toEqual([]);
    });
  });

  // What takes more than the types to see.
  test.each([
    ["a negative number of replicas", "{spec: {replicas: -1}}"],
    ["a selector that matches no pod", "{spec: {selector: {matchLabels: {app: other}}}}"],
    ["a pod without containers", "{spec: {template: {spec: {containers: []}}}}"],
    [
      "a port beyond 65535",
      "{spec: {template: {spec: {containers: [{ports: [{containerPort: 70000}]}]}}}}",
    ],
    [
      "a mount without volume",
      "{spec: {template: {spec: {containers: [{volumeMounts: [{name: a, mountPath: /a}]}]}}}}",
    ],
    [
      "a limit below the request",
      "{spec: {template: {spec: {containers: [{resources: {limits: {cpu: 1}, requests: {cpu: 2}}}]}}}}",
    ],
    [
      "a probe of two kinds",
      "{spec: {template: {spec: {containers: [{livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}}]}}}}",
    ],
    ["an empty name", "{spec: {template: {spec: {containers: [{name: ''}]}}}}"],
  ])("sees %s, as the server does", async (_, change) => {
    const object = merge(parse(deployment), parse(change)) as Manifest;
    const { problems } = await schemas.checkObject(kubeObject(JSON.stringify(object)));
    expect(problems).not.toEqual([]);
    expect(await server.refusesCreate(object)).toMatch(/is invalid/);
  });
});

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: a }
spec:
  selector: { matchLabels: { app: a } }
  template:
    metadata: { labels: { app: a } }
    spec: { containers: [{ name: a, image: a }] }
`;

function merge(base: unknown, change: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(change)) {
    return change.map((item, index) => merge(base[index], item));
  }
  if (typeof base !== "object" || base === null || typeof change !== "object") return change;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change ?? {})) merged[key] = merge(merged[key], value);
  return merged;
}
