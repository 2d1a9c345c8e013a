import { beforeAll, describe, expect, it } from "vitest";

import { startApiProxy } from "../support/api-proxy.ts";
import { stateOf } from "../support/cluster-state.ts";
import { fixture } from "../support/repo.ts";
import { newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const phases = ["install", "upgrade", "delete"] as const;
type Phase = (typeof phases)[number];
type State = Record<string, unknown>;

/** Crashed runs that go on side by side, each in a namespace of its own. */
const lanes = 2;

describe.skipIf(tools.missing)(`a SIGKILL of tenon${tools.reason}`, () => {
  const expected = new Map<Phase, State>();

  beforeAll(async () => {
    await using life = await Life.start("undisturbed");
    for (const phase of phases) {
      expect(await life.run(phase)).toBe("ended");
      expected.set(phase, await life.state());
    }
  });

  it("is tried on runs that do what they should", () => {
    const names = (phase: Phase): string[] =>
      Object.keys(expected.get(phase) ?? {}).filter((id) => !id.startsWith("Namespace/"));
    expect(names("install")).toEqual([
      "ClusterRole/NAMESPACE-reader",
      "ConfigMap/only-in-1",
      "ConfigMap/settings",
      "Secret/tenon.app",
      "Service/web",
      "PersistentVolumeClaim/data",
    ]);
    expect(names("upgrade")).toEqual([
      "ClusterRole/NAMESPACE-reader",
      "ConfigMap/only-in-2",
      "ConfigMap/settings",
      "Secret/tenon.app",
      "Service/web",
      "PersistentVolumeClaim/data",
    ]);
    expect(names("delete")).toEqual([]);
  });

  it("after any response of an install, an upgrade or a delete leads to the same state when the command is repeated", async () => {
    const crashes: Record<Phase, number> = { install: 0, upgrade: 0, delete: 0 };
    let next = 1;
    let last = Number.POSITIVE_INFINITY;
    const lane = async (): Promise<void> => {
      while (next < last) {
        const response = next++;
        const crashed = await crashAt(response);
        for (const phase of crashed) crashes[phase]++;
        if (crashed.length === 0) last = Math.min(last, response);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    // So that a run that cannot be killed any more does not pass unseen.
    for (const phase of phases) expect(crashes[phase], phase).toBeGreaterThan(8);
  }, 1_200_000);

  /** Kills each phase at this response and repeats it. Returns the phases that had so many. */
  async function crashAt(response: number): Promise<Phase[]> {
    await using life = await Life.start(`crash-${response}`);
    const crashed: Phase[] = [];
    for (const phase of phases) {
      const outcome = await life.run(phase, response);
      if (outcome === "killed") {
        crashed.push(phase);
        await life.run(phase);
      }
      const state = await life.state();
      expect.soft(state, `${phase} killed at response ${response}`).toEqual(expected.get(phase));
    }
    return crashed;
  }
});

/** An instance from its install to its end, in a namespace of its own. */
class Life implements AsyncDisposable {
  readonly #namespace: string;
  readonly #dir: TempDir;
  readonly #proxy: Awaited<ReturnType<typeof startApiProxy>>;

  private constructor(
    namespace: string,
    dir: TempDir,
    proxy: Awaited<ReturnType<typeof startApiProxy>>,
  ) {
    this.#namespace = namespace;
    this.#dir = dir;
    this.#proxy = proxy;
  }

  static async start(name: string): Promise<Life> {
    const dir = await tempDir();
    await dir.write({ "2.yaml": "values: { version: 2 }\n" });
    return new Life(newNamespace(name), dir, await startApiProxy(sharedCluster()));
  }

  /** Runs a phase to its end, or until the API server has given so many answers. */
  async run(phase: Phase, killAt = 0): Promise<"ended" | "killed"> {
    const options = {
      env: { KUBECONFIG: this.#proxy.kubeconfig, TENON_CACHE_DIR: this.#dir.file("cache") },
    };
    const args = [...this.#commandOf(phase), "-n", this.#namespace];
    if (killAt === 0) {
      this.#proxy.reset();
      const { code, stderr } = await spawnTenon(args, options);
      // A delete that was killed at its last answer has nothing left to do.
      if (code !== 0 && !(phase === "delete" && stderr.includes("[KUBE_INSTANCE_NOT_FOUND]"))) {
        throw new Error(`tenon ${args.join(" ")} ended with ${code}\n${stderr}`);
      }
      return "ended";
    }
    const running = startTenon(args, options);
    this.#proxy.reset((_, count) => {
      if (count === killAt) running.child.kill("SIGKILL");
    });
    const { code, signal, stderr } = await running.result;
    await this.#proxy.idle();
    if (signal === "SIGKILL") return "killed";
    if (code !== 0) throw new Error(`tenon ${args.join(" ")} ended with ${code}\n${stderr}`);
    return "ended";
  }

  /** What the cluster holds now. */
  state(): Promise<State> {
    return stateOf(this.#namespace, "configmaps,secrets,services,persistentvolumeclaims");
  }

  #commandOf(phase: Phase): string[] {
    const install = ["apply", "app", fixture("small")];
    switch (phase) {
      case "install":
        return install;
      case "upgrade":
        return [...install, "-f", this.#dir.file("2.yaml")];
      case "delete":
        return ["delete", "app"];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}
