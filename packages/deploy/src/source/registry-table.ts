import { type RegistryTable, loadRegistryTable } from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { environmentOf } from "./environment-of.ts";

/**
 * Reads the mirror table of a run: the file that was named, else that of the user or the machine.
 *
 * @throws OciError `OCI_REGISTRIES_CONF_INVALID`
 */
export function registryTable(
  context: Pick<DeployContext, "env" | "registriesConf">,
): Promise<RegistryTable> {
  return loadRegistryTable({ ...environmentOf(context), file: context.registriesConf });
}
