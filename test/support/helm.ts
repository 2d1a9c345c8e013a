import { outputOf } from "./run-process.ts";
import { sharedCluster } from "./shared-cluster.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";
import { cleanEnvironment } from "./tenon.ts";
import { toolPath } from "./tools.ts";

/** Runs helm as the administrator and returns what it printed on stdout. */
export function helm(...args: string[]): Promise<string> {
  const env = { ...cleanEnvironment(), KUBECONFIG: sharedCluster().kubeconfig };
  return outputOf(toolPath("TENON_TEST_HELM"), args, { env });
}

/** Writes a chart with one template; its folder is the answer's path. */
export async function helmChart(template: string): Promise<TempDir> {
  const dir = await tempDir();
  await dir.write({
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "templates/all.yaml": template,
  });
  return dir;
}
