import semver from "semver";

import { DeployError } from "../errors.ts";
import { isReleased, isStrict } from "../source/module-version.ts";
import type { OpenRegistry, RegistryContext } from "../source/open-registry.ts";
import type { FoundArtifact } from "./check-trust.ts";
import type { TrustPlace } from "./judge.ts";
import { type SeenTags, openSeenTags } from "./seen-tags.ts";
import type { SeenTag } from "./tag-event.ts";
import { type TrustRule, canonicalHost } from "./trust-policy.ts";

/** A repository, by its name. */
type NamedRepository = Pick<OpenRegistry, "name"> & Pick<TrustPlace, "reference">;

/**
 * Compares where a tag points to with where it did before, and remembers it: a released version that
 * moved, and a `latest` or range that goes back, are told.
 *
 * @param immutable the rule that forbids tags of released versions to move, if one does
 * @throws DeployError `DEPLOY_TAG_MOVED`
 */
export async function checkTag(
  context: RegistryContext,
  open: NamedRepository,
  found: FoundArtifact,
  immutable: TrustRule | undefined,
): Promise<void> {
  const { seenDir } = context.trust ?? {};
  if (seenDir === undefined || found.tag === undefined) return;
  const seen = openSeenTags(seenDir);
  if (isReleased(found.tag)) await checkReleased({ context, open, found, seen }, immutable);
  await checkNewest({ context, open, found, seen });
}

interface Check {
  readonly context: RegistryContext;
  readonly open: NamedRepository;
  readonly found: FoundArtifact;
  readonly seen: SeenTags;
}

async function checkReleased(
  { context, open, found, seen }: Check,
  immutable: TrustRule | undefined,
): Promise<void> {
  const { digest, tag } = found;
  const name = nameOf(open, tag ?? "");
  const last = await seen.find(name);
  if (last?.digest === digest) return;
  if (last !== undefined && found.isPinned !== true) {
    const reference = `${open.name}:${tag}`;
    if (immutable !== undefined) throw moved(reference, digest, last, immutable);
    context.onEvent?.({ type: "tag-moved", reference, digest, seen: last });
  }
  await seen.store(name, { digest, version: found.version ?? "" });
}

async function checkNewest({ context, open, found, seen }: Check): Promise<void> {
  const { asked, digest, tag = "" } = found;
  if (asked === undefined || found.isPinned === true) return;
  const version = isStrict(tag) ? tag : (found.version ?? "");
  if (!isStrict(version)) return;
  const name = nameOf(open, asked);
  const last = await seen.find(name);
  if (last !== undefined && isStrict(last.version)) {
    if (last.version === version) return;
    if (semver.lt(version, last.version)) {
      const repository = open.name;
      context.onEvent?.({ type: "version-older", repository, asked, version, seen: last });
      return;
    }
  }
  await seen.store(name, { digest, version });
}

function nameOf({ reference }: NamedRepository, selector: string): string {
  return `${canonicalHost(reference.host)}/${reference.repository}:${selector}`;
}

function moved(
  reference: string,
  digest: string,
  seen: SeenTag,
  { at, prefix }: TrustRule,
): DeployError {
  return new DeployError(
    "DEPLOY_TAG_MOVED",
    `Cannot use ${reference}: it points to ${digest}, and pointed to ${seen.digest} since ${seen.at}`,
    {
      diagnostics: [
        { text: `this rule decided: tags of ${prefix} are immutable`, positions: [at] },
      ],
      hint: `If it was meant to move, name the new digest along with the tag once: ${digest}`,
      details: { reference, digest, seen },
    },
  );
}
