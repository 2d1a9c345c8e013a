import { kubeObject } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { compareObjects } from "./compare-objects.ts";

type Fields = Readonly<Record<string, unknown>>;

const configMap = (name: string, fields: Fields = {}): Fields => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "apps" },
  ...fields,
});

/** Differences as `impact change name: fields`, with `!` behind those that cannot change. */
function differences(before: readonly Fields[], after: readonly Fields[]): string[] {
  const version = (
    text: string,
    objects: readonly Fields[],
  ): Parameters<typeof compareObjects>[0] => ({
    version: text,
    objects: objects.map((object) => kubeObject(JSON.stringify(object))),
  });
  return compareObjects(version("1.0.0", before), version("1.1.0", after)).map(
    ({ ref, was, change, impact, fields }) => {
      const name = was === undefined ? ref.name : `${was}>${ref.name}`;
      const paths = fields.map(({ path, immutable }) => path + (immutable ? "!" : ""));
      return `${impact} ${change} ${ref.kind}/${name}: ${paths.join(" ")}`;
    },
  );
}

describe("compareObjects()", () => {
  it("tells objects that come and go, and fields that change", () => {
    const before = [configMap("a", { data: { x: "1" } }), configMap("b")];
    const after = [configMap("c"), configMap("a", { data: { x: "2", y: "3" } })];
    expect(differences(before, after)).toEqual([
      "feature added ConfigMap/c: ",
      "fix changed ConfigMap/a: data.x data.y",
      "breaking removed ConfigMap/b: ",
    ]);
  });

  it("takes another version of an API for the same object", () => {
    const pdb = (version: string): Fields => ({
      apiVersion: `policy/${version}`,
      kind: "PodDisruptionBudget",
      metadata: { name: "a" },
    });
    expect(differences([pdb("v1beta1")], [pdb("v1")])).toEqual([
      "fix changed PodDisruptionBudget/a: apiVersion",
    ]);
  });

  it("takes what is named after its data for the same object", () => {
    const before = [configMap("web-0a1b2c3d", { immutable: true, data: { x: "1" } })];
    const after = [configMap("web-9f8e7d6c", { immutable: true, data: { x: "2" } })];
    expect(differences(before, after)).toEqual([
      "fix changed ConfigMap/web-0a1b2c3d>web-9f8e7d6c: metadata.name data.x",
    ]);
  });

  it("finds that data cannot change in place where it is sealed", () => {
    const before = [configMap("web", { immutable: true, data: { x: "1" } })];
    const after = [configMap("web", { immutable: true, data: { x: "2" } })];
    expect(differences(before, after)).toEqual(["breaking changed ConfigMap/web: data.x!"]);
  });

  it("leaves out the version of the module, unless it cannot change", () => {
    const deployment = (version: string): Fields => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", labels: { chart: `web-${version}` } },
      spec: { selector: { matchLabels: { app: "web" } } },
    });
    expect(differences([deployment("1.0.0")], [deployment("1.1.0")])).toEqual([]);
    const selecting = (version: string): Fields => ({
      ...deployment(version),
      spec: { selector: { matchLabels: { version } } },
    });
    expect(differences([selecting("1.0.0")], [selecting("1.1.0")])).toEqual([
      "breaking changed Deployment/web: spec.selector.matchLabels.version!",
    ]);
  });

  it("leaves out the version in labels of templates too", () => {
    const deployment = (version: string): Fields => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { template: { metadata: { labels: { "app.kubernetes.io/version": version } } } },
    });
    expect(differences([deployment("1.0.0")], [deployment("1.1.0")])).toEqual([]);
  });

  it("tells the version of the module wherever it is no label", () => {
    const deployment = (version: string): Fields => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", annotations: { chart: `web-${version}` } },
      spec: {
        template: {
          spec: {
            containers: [
              { name: "labels", image: `app:${version}`, env: [{ name: "V", value: version }] },
            ],
          },
        },
      },
    });
    expect(differences([deployment("1.0.0")], [deployment("1.1.0")])).toEqual([
      "fix changed Deployment/web: metadata.annotations.chart spec.template.spec.containers[labels].image spec.template.spec.containers[labels].env[V].value",
    ]);
  });
});
