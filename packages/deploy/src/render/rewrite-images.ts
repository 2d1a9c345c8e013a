import { hasCode, type KubeObject } from "@tenon/core";
import type { RewrittenImage } from "@tenon/kube";
import { type RegistryTable, parseReference, planPull, shownHost } from "@tenon/oci";
import { findObjectImages, type Rendered, replaceImages } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { registryTable } from "../source/registry-table.ts";

/**
 * Takes the images of an instance from where the mirror table says: the first mirror, else the location
 * that the table gives. Their references are rewritten wherever `findObjectImages` of @tenon/schema finds them.
 *
 * @throws OciError `OCI_REGISTRIES_CONF_INVALID`, `OCI_REGISTRY_BLOCKED`
 */
export async function rewriteImages<R extends Rendered>(
  context: Pick<DeployContext, "env" | "registriesConf">,
  rendered: R,
): Promise<R & { readonly rewrittenImages: readonly RewrittenImage[] }> {
  const table = await registryTable(context);
  const objects = rendered.sets.flatMap((set) => set.objects);
  const { images } = findObjectImages(objects, rendered.images);
  const places = new Map(
    images.flatMap(({ reference }) => {
      const place = placeOf(table, reference);
      return place === reference ? [] : [[reference, place] as const];
    }),
  );
  const replaced = new Map(
    objects.map((object) => [object, replaceImages(object, rendered.images, places)]),
  );
  const now = (object: KubeObject): KubeObject => replaced.get(object) ?? object;
  return {
    ...rendered,
    sets: rendered.sets.map((set) => ({ ...set, objects: set.objects.map(now) })),
    paths: new Map([...rendered.paths].map(([object, path]) => [now(object), path])),
    images: rendered.images.map((image) => places.get(image) ?? image).toSorted(),
    rewrittenImages: [...places].map(([from, to]) => ({ from, to })),
  };
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
  const name = `${shownHost(to.host)}/${to.repository}`;
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
