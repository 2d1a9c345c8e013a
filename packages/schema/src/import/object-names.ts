import type { Manifest } from "../manifest/read-manifests.ts";
import { camelCase, capital, kebabCase } from "./cue-text.ts";
import { type InstancePlan, shortName } from "./plan-instance.ts";

/** How a module names one of its objects. */
export interface ObjectNames {
  /** Name of the definition, without `#`. */
  readonly definition: string;
  /** Key among the objects of the instance. */
  readonly key: string;
  /** Name of the file, in `templates/`. */
  readonly file: string;
}

/** Files of every module, and names with a meaning of their own in its templates. */
const reserved = ["config", "instance", "host"];

/** Names each object by its kind, and by its own name too where there are several of the kind. */
export function nameObjects(
  manifests: readonly Manifest[],
  plan: InstancePlan,
): ReadonlyMap<Manifest, ObjectNames> {
  const taken = new Set(reserved);
  return new Map(
    manifests.map((manifest) => {
      const { kind, name } = manifest.ref;
      const isOnly = manifests.filter(({ ref }) => ref.kind === kind).length === 1;
      const kindName = capital(kind.replace(/\W|_/g, "").replace(/^(?=\d)/, "Kind"));
      const own = capital(camelCase(shortName(name, plan)));
      const wish = isOnly ? kindName : `${own}${kindName}`;
      const definition = free(taken, wish, `${own}${kindName}`);
      const file = kebabCase(definition);
      taken.add(file);
      return [manifest, { definition, key: camelCase(definition), file: `${file}.cue` }];
    }),
  );
}

function free(taken: ReadonlySet<string>, ...wishes: readonly [string, string]): string {
  const found = wishes.find((wish) => !taken.has(kebabCase(wish)));
  if (found !== undefined) return found;
  for (let number = 2; ; number += 1) {
    if (!taken.has(kebabCase(`${wishes[1]}${number}`))) return `${wishes[1]}${number}`;
  }
}
