import { readFile } from "node:fs/promises";

import { messageOf } from "@tenon/core";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";

/** Which registries CUE modules come from. */
export interface CueRegistry {
  /** In a form that the engine reads; nothing for CUE's own registry. */
  readonly text: string | undefined;
  /** As the user gave it. */
  readonly shown: string | undefined;
}

/**
 * Reads `CUE_REGISTRY`, and the file that it names in the form `file:PATH`.
 *
 * @throws DeployError `DEPLOY_CUE_REGISTRY_INVALID`
 */
export async function readCueRegistry({ env }: Pick<DeployContext, "env">): Promise<CueRegistry> {
  const shown = env["CUE_REGISTRY"] || undefined;
  const path = /^file:(.*)$/s.exec(shown ?? "")?.[1];
  if (path === undefined) return { text: shown, shown };
  try {
    return { text: `inline:${await readFile(path, "utf8")}`, shown };
  } catch (cause) {
    throw new DeployError(
      "DEPLOY_CUE_REGISTRY_INVALID",
      `Cannot use CUE_REGISTRY ${JSON.stringify(shown)}: ${messageOf(cause)}`,
      { hint: "Check the path after file:", cause },
    );
  }
}
