import type { BundleReport } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import { warnAll } from "./warnings.ts";

/** Prints the warnings about the instances of a bundle, each once however many clusters it is for. */
export function bundleWarnings({ clusters }: BundleReport, context: CommandContext): void {
  const all = clusters.flatMap(({ instances }) =>
    instances.flatMap(({ name, warnings }) =>
      warnings.map((warning) => ({ ...warning, text: `${name}: ${warning.text}` })),
    ),
  );
  const distinct = new Map(all.map((warning) => [JSON.stringify(warning), warning]));
  warnAll([...distinct.values()], context);
}
