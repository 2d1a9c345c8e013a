import { kubeObject } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { findObjectImages, imageProblems } from "./object-images.ts";

const web = "ghcr.io/org/web:1.0";

/** The references that are found, with the paths where they stand; `~` marks a part of a text. */
function found(
  object: { readonly kind?: string; readonly annotation?: string } & Record<string, unknown>,
  known: readonly string[] = [],
): Record<string, string[]> {
  const { annotation, kind = "Widget", ...rest } = object;
  const annotations = annotation === undefined ? {} : { "tenon.dev/images": annotation };
  const metadata = { name: "it", annotations };
  const view = { apiVersion: "example.com/v1", kind, metadata, ...rest };
  const { images } = findObjectImages([kubeObject(JSON.stringify(view))], known);
  const at = images.map(({ reference, places }) => [
    reference,
    places.map(({ path, isWhole }) => `${isWhole ? "" : "~"}${path}`),
  ]);
  return Object.fromEntries(at) as Record<string, string[]>;
}

describe("findObjectImages()", () => {
  it("finds those of pods wherever a pod spec is", () => {
    const spec = {
      containers: [{ name: "a", image: web }],
      initContainers: [{ name: "b", image: "b:1" }],
      ephemeralContainers: [{ name: "c", image: "c:1" }],
      volumes: [{ name: "v", image: { reference: "v:1" } }, { name: "image" }],
    };
    expect(found({ kind: "Pod", spec })).toEqual({
      [web]: ["spec.containers[0].image"],
      "b:1": ["spec.initContainers[0].image"],
      "c:1": ["spec.ephemeralContainers[0].image"],
      "v:1": ["spec.volumes[0].image.reference"],
    });
    const rollout = { spec: { jobTargetRef: { template: { spec } } } };
    expect(found(rollout)[web]).toEqual(["spec.jobTargetRef.template.spec.containers[0].image"]);
  });

  it("finds those that operators are told by variables", () => {
    const env = [
      { name: "RELATED_IMAGE_SIDECAR", value: web },
      { name: "IMAGE", value: "not:this" },
    ];
    expect(found({ spec: { containers: [{ name: "a", image: "a:1", env }] } })).toEqual({
      "a:1": ["spec.containers[0].image"],
      [web]: ["spec.containers[0].env[0].value"],
    });
  });

  it("takes fields from the annotation: texts, lists, and structs with a repository", () => {
    const spec = {
      image: web,
      more: [{ image: "one:1" }, { image: "two:2" }],
      list: ["three:3"],
      split: { repository: "ghcr.io/org/four", tag: "4", digest: "" },
    };
    const data = { "a.b": "five" };
    const annotation = 'spec.image, spec.more[*].image spec.list\nspec.split,data["a.b"]';
    expect(found({ spec, data, annotation })).toEqual({
      five: ['data["a.b"]'],
      "ghcr.io/org/four:4": ["~spec.split"],
      [web]: ["spec.image"],
      "one:1": ["spec.more[0].image"],
      "three:3": ["spec.list[0]"],
      "two:2": ["spec.more[1].image"],
    });
  });

  it("takes references from the annotation, with the places where they stand", () => {
    const object = { data: { run: `tool --image=${web}\n` }, annotation: `${web} other:2` };
    expect(found(object)).toEqual({
      [web]: ["~data.run"],
      "other:2": ['~metadata.annotations["tenon.dev/images"]'],
    });
  });

  it("finds those of the configuration in texts, and keeps those that stand nowhere", () => {
    const data = { a: web, b: `docker://${web}`, c: `${web}-debug`, d: `x${web}`, e: `o/${web}` };
    expect(found({ data }, [web, "unused:1"])).toEqual({
      [web]: ["data.a", "~data.b"],
      "unused:1": [],
    });
  });
});

describe("imageProblems()", () => {
  it("tells which paths of an annotation lead nowhere", () => {
    const view = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "it", annotations: { "tenon.dev/images": "data.gone data.text data" } },
      data: { text: "two words" },
    };
    const object = kubeObject(JSON.stringify(view));
    const { images, problems } = findObjectImages([object], []);
    expect(images).toEqual([]);
    expect(problems[0]?.text).toBe('ConfigMap/it: tenon.dev/images: "data.gone" names no field');
    expect(imageProblems(object)).toEqual([
      'tenon.dev/images: "data.gone" names no field',
      'tenon.dev/images: "data.text" names no field with an image',
      'tenon.dev/images: "data" names no field with an image',
    ]);
  });
});
