import type { LockedBundle } from "./lock-file.ts";

/** A difference between what a bundle was locked to before and after. */
export interface LockedChange {
  readonly action: "added" | "changed" | "removed";
  /** `oci://registry/repository`, or the name of a CUE module. */
  readonly module: string;
  /** What the bundle asks for; nothing of a CUE module. */
  readonly asked?: string | undefined;
  /** Version and digest, before and after. */
  readonly before?: LockedContent | undefined;
  readonly after?: LockedContent | undefined;
}

/** What a module was locked to. */
export interface LockedContent {
  readonly version?: string | undefined;
  readonly digest: string;
}

/** Tells two states of a lock file apart, in the order of the names. */
export function lockedChanges(before: LockedBundle, after: LockedBundle): LockedChange[] {
  const [old, young] = [entriesOf(before), entriesOf(after)];
  const keys = [...new Set([...old.keys(), ...young.keys()])].toSorted();
  return keys.flatMap((key): LockedChange[] => {
    const [was, is] = [old.get(key), young.get(key)];
    const { module, asked } = (is ?? was)!;
    if (was === undefined) return [{ action: "added", module, asked, after: contentOf(is!) }];
    if (is === undefined) return [{ action: "removed", module, asked, before: contentOf(was) }];
    if (was.digest === is.digest && was.version === is.version) return [];
    return [{ action: "changed", module, asked, before: contentOf(was), after: contentOf(is) }];
  });
}

interface Entry extends LockedContent {
  readonly module: string;
  readonly asked?: string;
}

function entriesOf({ modules, cueModules }: LockedBundle): Map<string, Entry> {
  const all: readonly Entry[] = [...modules, ...cueModules];
  return new Map(all.map((one) => [JSON.stringify([one.module, one.asked]), one]));
}

function contentOf({ version, digest }: Entry): LockedContent {
  return { version, digest };
}
