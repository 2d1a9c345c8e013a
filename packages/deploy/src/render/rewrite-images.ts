import { homedir } from "node:os";

import { hasCode, type KubeObject, kubeObject } from "@tenon/core";
import type { RewrittenImage } from "@tenon/kube";
import { type RegistryTable, loadRegistryTable, parseReference, planPull } from "@tenon/oci";
import type { Rendered } from "@tenon/schema";

import type { DeployContext } from "../context.ts";

/**
 * Takes the images of an instance from where the mirror table says: the first mirror, else the location
 * that the table gives. Every text of an object that is the reference of an image is rewritten: those in
 * the configuration of the module, and those of containers.
 *
 * @throws OciError `OCI_REGISTRIES_CONF_INVALID`, `OCI_REGISTRY_BLOCKED`
 */
export async function rewriteImages<R extends Rendered>(
  context: Pick<DeployContext, "env" | "registriesConf">,
  rendered: R,
): Promise<R & { readonly rewrittenImages: readonly RewrittenImage[] }> {
  const { env, registriesConf: file } = context;
  const table = await loadRegistryTable({ env, home: env["HOME"] || homedir(), file });
  const objects = rendered.sets.flatMap((set) => set.objects);
  const images = new Set([
    ...rendered.images,
    ...objects.flatMap(({ view }) => containerImages(view)),
  ]);
  const places = new Map([...images].toSorted().map((image) => [image, placeOf(table, image)]));
  const inPlace = (image: string): string => places.get(image) ?? image;
  const replaced = new Map(objects.map((object) => [object, replaceTexts(object, inPlace)]));
  const now = (object: KubeObject): KubeObject => replaced.get(object) ?? object;
  return {
    ...rendered,
    sets: rendered.sets.map((set) => ({ ...set, objects: set.objects.map(now) })),
    paths: new Map([...rendered.paths].map(([object, path]) => [now(object), path])),
    images: rendered.images.map(inPlace).toSorted(),
    rewrittenImages: [...places].flatMap(([from, to]) => (to === from ? [] : [{ from, to }])),
  };
}

/** The images of containers, wherever a list of them stands. */
function containerImages(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const below = containerImages(child);
    if (!/^(?:containers|initContainers|ephemeralContainers)$/.test(key)) return below;
    if (!Array.isArray(child)) return below;
    const images = child.map((container: { image?: unknown } | null) => container?.image);
    return [...below, ...images.filter((image) => typeof image === "string")];
  });
}

function placeOf(table: RegistryTable, image: string): string {
  const reference = readImage(image);
  if (reference === undefined) return image;
  const { host, repository, tag, digest } = reference;
  const { entry, sources } = planPull(
    table,
    { host, repository, reference: digest ?? tag },
    digest === undefined ? "tag" : "digest",
  );
  const [to] = sources;
  if (entry === undefined || to === undefined) return image;
  if (to.host === host && to.repository === repository && to.reference === (digest ?? tag))
    return image;
  const newHost = to.host === "index.docker.io" ? "docker.io" : to.host;
  const name = `${newHost}/${to.repository}`;
  if (digest !== undefined) return `${name}${tag === undefined ? "" : `:${tag}`}@${to.reference}`;
  return to.reference === undefined ? name : `${name}:${to.reference}`;
}

function readImage(image: string): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(`oci://${image}`);
  } catch (error) {
    if (hasCode(error, "OCI_REFERENCE_INVALID")) return undefined;
    throw error;
  }
}

/** Replaces whole texts, not keys, and leaves the rest of the JSON as it is written. */
function replaceTexts(object: KubeObject, replace: (text: string) => string): KubeObject {
  const literals = /("(?:[^"\\]|\\.)*")(\s*:)?/g;
  const json = object.json.replaceAll(literals, (whole, literal: string, colon?: string) => {
    if (colon !== undefined) return whole;
    const text = JSON.parse(literal) as string;
    const other = replace(text);
    return other === text ? whole : JSON.stringify(other);
  });
  return json === object.json ? object : kubeObject(json);
}
