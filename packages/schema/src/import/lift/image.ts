import { type ManifestMap, nodeAt, textAt } from "../../manifest/manifest-node.ts";
import { configRef } from "../cue-text.ts";
import type { Draft, DraftImage } from "../draft.ts";
import { addField } from "./lift.ts";

const part = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
const reference = new RegExp(
  `^((?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?(?::[0-9]+)?/)?${part}(?:/${part})*)` +
    "(?::([A-Za-z0-9_][-A-Za-z0-9_.]{0,127}))?" +
    "(?:@(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))?$",
);

/**
 * Takes the image of a container, and its pull policy, from the values. Containers of the same image
 * share them.
 *
 * @param path of the image among the values, unless there is one for the same image
 */
export function liftImage(
  draft: Draft,
  container: ManifestMap,
  options: {
    readonly path: readonly string[];
    readonly doc: string;
    /** Whether the container may have a pull policy. */
    readonly withPolicy: boolean;
  },
): void {
  const node = nodeAt(container, "image");
  if (node?.kind !== "text") return;
  const [, repository, tag = "", digest = ""] = reference.exec(node.value) ?? [];
  if (repository === undefined) {
    draft.notes.push(
      `${JSON.stringify(node.value)} is no image reference and stays in the template`,
    );
    return;
  }
  const given = textAt(container, "imagePullPolicy");
  const policy = given ?? usualPolicy(tag, digest);
  const wanted = { repository, tag, digest, pullPolicy: policy };
  const known = draft.images.find((image) => isSame(image, wanted));
  const image = known ?? { path: options.path, ...wanted };
  if (known === undefined) {
    draft.images.push(image);
    addField(draft.config, image.path, {
      doc: `${options.doc} The default is set in images.cue.`,
      type: "core.#Image",
      marker: "!",
    });
  }
  const ref = configRef(image.path);
  draft.expressions.set(node, imageText(ref, tag, digest));
  if (options.withPolicy) usePolicy(draft, container, ref, policy);
}

/** What the API server sets where no policy is given. */
function usualPolicy(tag: string, digest: string): string {
  return digest === "" && (tag === "" || tag === "latest") ? "Always" : "IfNotPresent";
}

function isSame(image: DraftImage, wanted: Omit<DraftImage, "path">): boolean {
  return (
    image.repository === wanted.repository &&
    image.tag === wanted.tag &&
    image.digest === wanted.digest &&
    image.pullPolicy === wanted.pullPolicy
  );
}

/** The reference of an image; that of one without a tag is written without one. */
function imageText(ref: string, tag: string, digest: string): string {
  if (tag !== "" || digest !== "") return `${ref}.reference`;
  return `[if ${ref}.tag == "" if ${ref}.digest == "" {${ref}.repository}, ${ref}.reference][0]`;
}

/** A policy that the manifests leave to the API server is rendered only where it is another one. */
function usePolicy(draft: Draft, container: ManifestMap, ref: string, policy: string): void {
  const node = nodeAt(container, "imagePullPolicy");
  if (node !== undefined) {
    draft.expressions.set(node, `${ref}.pullPolicy`);
    return;
  }
  const lines = draft.additions.get(container) ?? [];
  lines.push(
    `if ${ref}.pullPolicy != ${JSON.stringify(policy)} {\n\timagePullPolicy: ${ref}.pullPolicy\n}`,
  );
  draft.additions.set(container, lines);
}
