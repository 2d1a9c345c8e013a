/** The real clients and servers that `scripts/build/tools.mjs` gets, by the variable that names each. */
export type Tool =
  | "TENON_TEST_CLUSTER"
  | "TENON_TEST_KUBECTL"
  | "TENON_TEST_COSIGN"
  | "TENON_TEST_CRANE"
  | "TENON_TEST_CUE"
  | "TENON_TEST_HELM"
  | "TENON_TEST_FLUX"
  | "TENON_TEST_ARGOCD"
  | "TENON_TEST_NODE22"
  | "TENON_TEST_NODE24"
  | "TENON_TEST_DOCKER_REGISTRY"
  | "TENON_TEST_SKOPEO";

/** The path of a tool. */
export function toolPath(tool: Tool): string {
  const found = process.env[tool];
  if (!found) throw new Error(`${tool} is not set`);
  return found;
}

/** Tells whether tests can run that need these tools, with what to append to their title if not. */
export function needs(...tools: Tool[]): { readonly missing: boolean; readonly reason: string } {
  const absent = tools.filter((tool) => !process.env[tool]);
  const reason = absent.length === 0 ? "" : ` (skipped: ${absent.join(", ")} not set)`;
  return { missing: absent.length > 0, reason };
}
