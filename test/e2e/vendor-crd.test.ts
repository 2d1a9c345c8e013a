import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { established } from "../support/definitions.ts";
import { eventually } from "../support/eventually.ts";
import { kubectl, kubectlWith, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const group = `vendor-${process.pid}.tenon.dev`;

describe.skipIf(tools.missing)(`tenon mod vendor crd --from-cluster${tools.reason}`, () => {
  const namespace = newNamespace("vendor");
  let dir: TempDir;
  let env: Record<string, string>;

  beforeAll(async () => {
    dir = await tempDir();
    env = { KUBECONFIG: sharedCluster().kubeconfig };
    await kubectl("create", "namespace", namespace);
    for (const kind of ["Backup", "Restore"]) await install(kind);
    await dir.write({
      "m/cue.mod/module.cue": 'module: "example.com/backup"\nlanguage: version: "v0.14.0"\n',
      "m/values.cue": 'package main\n\nvalues: volume: "data"\n',
      "m/timoni.cue": module,
    });
  });
  afterAll(async () => {
    await kubectl("delete", "crd", `backups.${group}`, `restores.${group}`, "--ignore-not-found");
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    await dir?.[Symbol.asyncDispose]();
  });

  it("takes the definitions of a group, or one by its name", async () => {
    const vendor = ["mod", "vendor", "crd", dir.file("m"), "--from-cluster"];
    expect(await tenon([...vendor, "--group", group], { env })).toBe(
      `vendored ${group}/backup/v1\nvendored ${group}/restore/v1\n`,
    );
    await tenon([...vendor, "--name", `backups.${group}`], { env });
    const file = dir.file("m/cue.mod/gen", group, "backup/v1/types_gen.cue");
    expect((await readFile(file, "utf8")).split("\n")[2]).toBe(
      `//tenon:generate tenon mod vendor crd --from-cluster --name backups.${group}`,
    );
  });

  it("gives the defaults that the server gives", async () => {
    const bare = {
      apiVersion: `${group}/v1`,
      kind: "Backup",
      metadata: { name: "bare", namespace },
      spec: { volume: "data", target: { bucket: "b" }, hooks: [{ command: "sync" }] },
    };
    await kubectlWith(JSON.stringify(bare), "create", "-f", "-");
    const live = await specOf("bare");
    expect(live).toMatchObject({ keep: 7, schedule: { hour: 3, minute: 30 } });
    const values = ["-f", await dir.write({ "full.yaml": valuesOfBare })];
    const text = await tenon(["build", "x", dir.file("m"), ...values, "-o", "json"], { env });
    const { items } = JSON.parse(text) as { items: { spec: unknown }[] };
    expect(items[0]!.spec).toEqual(live);
  });

  it("makes what builds apply", async () => {
    const values = ["-f", await dir.write({ "full.yaml": valuesOfBare })];
    await tenon(["apply", "web", dir.file("m"), "-n", namespace, ...values], { env });
    expect(await specOf("web")).toEqual(await specOf("bare"));
    await tenon(["delete", "web", "-n", namespace], { env });
  });

  it("refuses without a cluster what the server would refuse", async () => {
    const values = await dir.write({ "bad.yaml": "values:\n  hooks:\n    - command: rm\n" });
    const vetted = await spawnTenon(["mod", "vet", dir.file("m"), "-f", values]);
    expect(vetted.code).toBe(2);
    expect(vetted.stderr).toContain(`${values}:`);
    const object = {
      apiVersion: `${group}/v1`,
      kind: "Backup",
      metadata: { name: "bad", namespace },
      spec: { volume: "data", hooks: [{ command: "rm" }] },
    };
    const refused = kubectlWith(JSON.stringify(object), "create", "-f", "-");
    await expect(refused).rejects.toThrow(/spec\.hooks\[0\]\.command/);
  });

  it("names what is close to a name that there is not", async () => {
    const vendor = ["mod", "vendor", "crd", dir.file("m"), "--from-cluster"];
    const { code, stderr } = await spawnTenon([...vendor, "--name", `backup.${group}`], { env });
    expect(code).toBe(2);
    expect(stderr).toContain(`has no CustomResourceDefinition backup.${group}`);
    expect(stderr).toContain(`Did you mean backups.${group}?`);
  });

  it("downloads from servers that it trusts, and says where from without secrets", async () => {
    const { server, ca } = sharedCluster();
    const vendor = ["mod", "vendor", "crd", dir.file("m"), "-f"];
    const trusting = { NODE_EXTRA_CA_CERTS: await dir.write({ "ca.pem": ca }) };
    const url = `${server}/version?token=hunter2`;
    const found = await spawnTenon([...vendor, url], { env: trusting });
    expect(found).toMatchObject({ code: 2, stdout: "" });
    expect(found.stderr).toContain(
      `definitions in ${server}/version: there is no CustomResourceDefinition`,
    );
    const refused = await spawnTenon([...vendor, `${server}/api`], { env: trusting });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`Cannot download ${server}/api: the server answered 40`);
    const unknown = await spawnTenon([...vendor, url]);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/Cannot download .*certificate.*DEPLOY_DOWNLOAD_FAILED/);
    expect(found.stderr + unknown.stderr).not.toContain("hunter2");
  });

  async function install(kind: string): Promise<void> {
    const singular = kind.toLowerCase();
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${singular}s.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural: `${singular}s`, singular, kind },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    };
    await kubectlWith(JSON.stringify(definition), "apply", "-f", "-");
    const resource = `${singular}s.${group}`;
    await established(sharedCluster().kubeconfig, `crd/${resource}`);
    await eventually(
      () =>
        kubectl("get", resource, "-n", namespace).then(
          () => true,
          () => undefined,
        ),
      { what: `${resource} to be served` },
    );
  }

  async function specOf(name: string): Promise<unknown> {
    const text = await kubectl("get", `backups.${group}`, name, "-n", namespace, "-o", "json");
    return (JSON.parse(text) as { spec: unknown }).spec;
  }
});

const valuesOfBare = `values:
  target:
    bucket: b
  hooks:
    - command: sync
`;

const openAPIV3Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["volume"],
      properties: {
        volume: { type: "string" },
        keep: { type: "integer", format: "int32", minimum: 1, default: 7 },
        id: { type: "integer", format: "int64", default: 4503599627370497 },
        size: { "x-kubernetes-int-or-string": true, default: "10Gi" },
        schedule: {
          type: "object",
          default: { minute: 30 },
          properties: {
            hour: { type: "integer", default: 3 },
            minute: { type: "integer", default: 0 },
          },
        },
        options: {
          type: "object",
          default: {},
          properties: { mode: { type: "string", enum: ["Full", "Partial"], default: "Full" } },
        },
        target: {
          type: "object",
          oneOf: [{ required: ["bucket"] }, { required: ["path"] }],
          properties: {
            bucket: { type: "string" },
            path: { type: "string" },
            retries: { type: "integer", default: 2 },
          },
        },
        hooks: {
          type: "array",
          items: {
            type: "object",
            required: ["command"],
            properties: {
              command: { type: "string", enum: ["sync", "freeze"] },
              seconds: { type: "integer", default: 10 },
            },
          },
        },
      },
    },
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};

const module = `package main

import backupv1 "${group}/backup/v1"

values: {
	volume!: string
	target?: _
	hooks?: [...]
}

timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {
		name:      string @tag(name)
		namespace: string @tag(namespace)
	}
	apply: main: [backupv1.#Backup & {
		metadata: instance.config.metadata
		spec:     values
	}]
}
`;
