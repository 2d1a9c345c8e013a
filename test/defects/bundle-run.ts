import { type FixtureInstance, bundleText } from "../support/bundle-file.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";

/** A bundle with a name that nothing else has, and a folder with its file. */
export class BundleRun implements AsyncDisposable {
  /** Its name, which is free as that of a namespace too. */
  readonly name: string = newNamespace("defect");
  readonly dir: TempDir;
  /** Where the cluster is: the shared one unless it is set. */
  kubeconfig: string = sharedCluster().kubeconfig;

  private constructor(dir: TempDir) {
    this.dir = dir;
  }

  static async start(): Promise<BundleRun> {
    return new BundleRun(await tempDir());
  }

  /** `tenon bundle …` in the folder. */
  run(...args: string[]): Promise<ProcessResult> {
    return spawnTenon(["bundle", ...args], {
      env: { KUBECONFIG: this.kubeconfig },
      cwd: this.dir.path,
    });
  }

  /** Writes the bundle to `bundle.cue` and applies it. */
  async apply(
    instances: Readonly<Record<string, FixtureInstance>>,
    ...flags: string[]
  ): Promise<ProcessResult> {
    await this.dir.write({ "bundle.cue": bundleText(this.name, instances) });
    return this.run("apply", "-f", "bundle.cue", ...flags);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dir[Symbol.asyncDispose]();
  }
}
