import { readFile } from "node:fs/promises";

import { kubeObject } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

import { schemaCel } from "../../../packages/deploy/src/render/schema-cel.ts";
import {
  createKubernetesSchemas,
  definitionsIn,
} from "../../../packages/schema/src/kubernetes/index.ts";
import { checkMetadata } from "../../../packages/schema/src/render/check-metadata.ts";
import type { ApiServer, Manifest } from "./api-server.ts";
import { startApiServer } from "./api-server.ts";
import { escapes } from "./escapes.ts";
import { seededDraw, slipsOf } from "./slips.ts";

const generated = new URL("../../../packages/schema/dist/kubernetes/", import.meta.url);
const binary = process.env.TENON_TEST_CLUSTER;
if (binary === undefined && process.env.CI === "true")
  throw new Error("TENON_TEST_CLUSTER is not set");

/** Kinds that nobody renders, or that only the control plane writes. */
const rarely = new Set([
  ..."APIService CSINode CSIStorageCapacity ControllerRevision DeviceClass Endpoints Event".split(
    " ",
  ),
  ..."FlowSchema IPAddress MutatingAdmissionPolicy MutatingAdmissionPolicyBinding Node".split(" "),
  ..."PodTemplate PriorityLevelConfiguration ResourceClaim ResourceClaimTemplate".split(" "),
  ..."ResourceSlice ServiceCIDR VolumeAttachment VolumeAttributesClass".split(" "),
]);

const refused = Number(process.env["TENON_TEST_SLIPS"] ?? 2000);
const seed = Number(process.env["TENON_TEST_SLIPS_SEED"] ?? 2026);
const wanted = { refused, accepted: refused / 2 };

describe.skipIf(binary === undefined)("slips that escape a vet (TENON_TEST_CLUSTER)", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("at least 95% of what the server refuses is found offline, and nothing that it takes", async () => {
    const objects = await readObjects();
    const [definition, ...slippery] = objects.toSorted(byDefinition);
    expect(new Set(slippery.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(25);
    await server.define(definition!);

    const schemas = createKubernetesSchemas(generated);
    const definitions = definitionsIn([kubeObject(JSON.stringify(definition))]);
    const found = await escapes(slipsOf(slippery, seededDraw(seed)), {
      server,
      wanted,
      async vet(json) {
        const ofMetadata = checkMetadata(json).map(({ text }) => text);
        if (ofMetadata.length > 0) return ofMetadata;
        const options = { definitions, cel: schemaCel };
        const { problems } = await schemas.checkObject(kubeObject(json), options);
        const errors = problems.filter(({ isWarning }) => isWarning !== true);
        return errors.map(({ path, message }) => `${path.join(".")}: ${message}`);
      },
    });
    console.log(found.report);
    expect(found.falseAlarms).toEqual([]);
    expect(found.refused).toBeGreaterThanOrEqual(wanted.refused);
    expect(found.accepted).toBeGreaterThanOrEqual(wanted.accepted);
    expect(found.caught / found.refused).toBeGreaterThanOrEqual(0.95);
  }, 1_200_000);
});

/** The definition of the custom resources among the objects, which is not changed itself, comes first. */
function byDefinition(a: Manifest, b: Manifest): number {
  return Number(isDefinition(b)) - Number(isDefinition(a));
}

function isDefinition({ metadata }: Manifest): boolean {
  return metadata.name === "databases.shop.example.com";
}

async function readObjects(): Promise<Manifest[]> {
  const files = ["objects.yaml", "app-objects.yaml"];
  const texts = await Promise.all(
    files.map((file) => readFile(new URL(file, import.meta.url), "utf8")),
  );
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => plain(document.toJS())))
    .filter(({ kind }) => !rarely.has(kind));
}

/** A copy without parts that are in two places of the object. */
function plain(value: unknown): Manifest {
  return JSON.parse(JSON.stringify(value)) as Manifest;
}
