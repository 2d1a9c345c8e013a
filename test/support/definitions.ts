import { eventually } from "./eventually.ts";
import { outputOf } from "./run-process.ts";
import { toolPath } from "./tools.ts";

/** Creates the custom resource definitions of a file or folder, and waits until they are served. */
export async function createDefinitions(kubeconfig: string, file: string): Promise<void> {
  await runKubectl(kubeconfig, "create", "-f", file);
  await established(kubeconfig, "-f", file);
}

/** Waits until custom resource definitions are served: `crd/NAME`, or `-f` and a file or folder. */
export async function established(kubeconfig: string, ...definitions: string[]): Promise<void> {
  const condition = "--for=condition=Established";
  // It fails at once where one is so new that it has no conditions.
  const wait = (): Promise<true | undefined> =>
    runKubectl(kubeconfig, "wait", condition, ...definitions).then(
      () => true,
      () => undefined,
    );
  await eventually(wait, { what: `${definitions.at(-1)} to be served`, timeoutMs: 60_000 });
}

function runKubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return outputOf(toolPath("TENON_TEST_KUBECTL"), args, { env });
}
