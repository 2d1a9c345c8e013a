import { eventually } from "./eventually.ts";
import { outputOf } from "./run-process.ts";
import { toolPath } from "./tools.ts";

/** Creates the custom resource definitions of a file or folder, and waits until they are served. */
export async function createDefinitions(kubeconfig: string, file: string): Promise<void> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const kubectl = (...args: string[]) => outputOf(toolPath("TENON_TEST_KUBECTL"), args, { env });
  await kubectl("create", "-f", file);
  // It fails at once where one is so new that it has no conditions.
  const wait = (): Promise<true | undefined> =>
    kubectl("wait", "--for=condition=Established", "-f", file).then(
      () => true,
      () => undefined,
    );
  await eventually(wait, { what: `the definitions in ${file}`, timeoutMs: 60_000 });
}
