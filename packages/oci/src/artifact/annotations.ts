import { OciError } from "../errors.ts";
import { CREATED_ANNOTATION, REVISION_ANNOTATION, SOURCE_ANNOTATION } from "./constants.ts";
import { type GitFacts, readGit } from "./git.ts";

/** Annotations of a manifest. */
export type Annotations = Readonly<Record<string, string>>;

/** Where annotations are taken from when the user gives none. */
export interface AnnotationSources {
  /** `SOURCE_DATE_EPOCH` is read from it, and git is run with it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file or folder that is packed; git is not asked without one. */
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads annotations of the form `key=value`; the value may have further `=`, a later one wins.
 *
 * @throws OciError `OCI_ANNOTATION_INVALID`
 */
export function parseAnnotations(texts: readonly string[]): Annotations {
  const result: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 0) {
      const message = `Cannot read annotation ${JSON.stringify(text)}: it is not of the form key=value`;
      throw new OciError("OCI_ANNOTATION_INVALID", message);
    }
    result[text.slice(0, at)] = text.slice(at + 1);
  }
  return result;
}

/**
 * Adds the time, repository and commit of the source, where they are not given: the time from
 * `SOURCE_DATE_EPOCH` or the last commit, never that of the clock.
 */
export async function completeAnnotations(
  given: Annotations,
  sources: AnnotationSources,
): Promise<Annotations> {
  const epoch = parseEpoch(sources.env["SOURCE_DATE_EPOCH"]);
  const wanted = [CREATED_ANNOTATION, SOURCE_ANNOTATION, REVISION_ANNOTATION];
  const git: GitFacts = wanted.every((key) => given[key] !== undefined)
    ? {}
    : await readGit(sources);
  const found = {
    [CREATED_ANNOTATION]: formatTime(epoch ?? parseEpoch(git.commitTime)),
    [SOURCE_ANNOTATION]: git.remote,
    [REVISION_ANNOTATION]: git.commit,
  };
  const present = Object.entries(found).filter(([, value]) => value !== undefined && value !== "");
  return { ...(Object.fromEntries(present) as Record<string, string>), ...given };
}

function parseEpoch(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function formatTime(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(".000Z", "Z");
}
