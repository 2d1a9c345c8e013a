import { beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { fixture, repoPath } from "../support/repo.ts";
import { runProcess } from "../support/run-process.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { spawnTenon, startTenon, tenon } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const module = repoPath("bench/fixtures/app");
let env: Record<string, string>;
beforeAll(() => {
  if (!tools.missing) env = { KUBECONFIG: sharedCluster().kubeconfig };
});

const apply = (name: string, ns: string, ...more: string[]) =>
  tenon(["apply", name, module, "-n", ns, ...more], { env });
const patchRecord = (ns: string, data: object) =>
  kubectl("patch", "secret/tenon.web", "-n", ns, "--type=merge", "-p", JSON.stringify({ data }));

describe.skipIf(tools.missing)(`tenon repair${tools.reason}`, () => {
  const repair = (ns: string, ...more: string[]) =>
    spawnTenon(["repair", "web", "-n", ns, ...more], { env });

  it("finds nothing wrong with what is right", async () => {
    const ns = newNamespace("whole");
    await apply("web", ns);
    const { code, stdout } = await repair(ns);
    expect([code, stdout]).toEqual([0, `instance web in ${ns}: nothing is wrong\n`]);
  });

  it.each(["damaged", "gone"])(
    "makes a record anew that is %s, and the next apply goes on",
    async (how) => {
      const ns = newNamespace(how);
      await apply("web", ns);
      await apply("other", ns);
      if (how === "gone") await kubectl("delete", "secret/tenon.web", "-n", ns);
      else await patchRecord(ns, { record: "AAAA" });
      const list = await spawnTenon(["list", "-n", ns], { env });
      expect(list.stdout).toContain("other");
      const before = await repair(ns, "--dry-run");
      expect(before.code).toBe(3);
      expect(before.stdout).toContain("record-damaged");
      const asked = await repair(ns);
      expect(asked.code).toBe(2);
      expect((await repair(ns, "--yes")).code).toBe(0);
      expect(await apply("web", ns)).toContain("7 unchanged");
      expect((await repair(ns)).code).toBe(0);
      await tenon(["delete", "web", "-n", ns], { env });
      const left = await kubectlGet("deployments", "-n", ns);
      expect(left.map(({ metadata }) => metadata.name)).toEqual(["other"]);
    },
  );

  it("adds objects that the record does not know, and removes parts that nobody names", async () => {
    const ns = newNamespace("unknown");
    await apply("web", ns);
    const record = JSON.parse(
      Buffer.from(
        String(
          ((await kubectlGet("secret/tenon.web", "-n", ns))[0]!["data"] as { record: string })
            .record,
        ),
        "base64",
      ).toString(),
    ) as { applied: { inventory: { kind: string }[] } };
    record.applied.inventory = record.applied.inventory.filter(({ kind }) => kind !== "ConfigMap");
    await patchRecord(ns, { record: Buffer.from(JSON.stringify(record)).toString("base64") });
    const part = {
      apiVersion: "v1",
      kind: "Secret",
      type: "tenon.dev/instance-part",
      metadata: {
        name: "tenon.web.part-0",
        labels: { "tenon.dev/record": "part", "app.kubernetes.io/name": "web" },
      },
    };
    await createSecret(ns, part);
    const { code, stdout } = await repair(ns, "--yes");
    expect(stdout).toContain(`objects-unknown the record does not know ConfigMap/${ns}/web`);
    expect(stdout).toContain("parts-left 1 Secrets continue no record");
    expect(code).toBe(0);
    expect((await repair(ns)).stdout).toContain("nothing is wrong");
  });

  it("lets go for a run that is gone, and says how to complete it", async () => {
    const ns = newNamespace("dead");
    const running = startTenon(["apply", "web", fixture("slow"), "-n", ns], { env });
    await eventually(
      async () => ((await kubectlGet("secrets", "-n", ns)).length > 0 ? true : undefined),
      { what: "the record" },
    );
    const busy = await spawnTenon(["status", "web", "-n", ns], { env });
    expect(busy.code).toBe(3);
    expect(busy.stdout).toMatch(/pending apply of \S+ since \S+, held by process \d+ on \S+ until/);
    expect((await repair(ns, "--dry-run")).stdout).toContain("run-at-work");
    running.child.kill("SIGKILL");
    await running.result;
    const { stdout, code } = await repair(ns, "--yes");
    expect(stdout).toContain("holder-dead");
    expect(stdout).toContain("run-unfinished");
    expect(code).toBe(3);
    const idle = await spawnTenon(["status", "web", "-n", ns], { env });
    expect(idle.stdout).toContain("nobody is at it");
  });

  it("says when there is nothing to repair from", async () => {
    const { code, stderr } = await repair(newNamespace("nothing"), "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_INSTANCE_NOT_FOUND]");
  });
});

describe.skipIf(tools.missing)(`tenon status${tools.reason}`, () => {
  it("shows a Deployment down to its pods, and drift", async () => {
    const ns = newNamespace("tree");
    await apply("web", ns);
    await kubectl("scale", "deployment/web", "-n", ns, "--replicas=2");
    const stdout = await eventually(
      async () => {
        const found = await spawnTenon(["status", "web", "-n", ns], { env });
        return found.code === 0 ? found.stdout : undefined;
      },
      { what: "two pods" },
    );
    expect(stdout).toMatch(/Deployment\/\S+ Current - .*\(1 field drifted\)/);
    expect(stdout).toMatch(/└─ ReplicaSet\/\S+ Current/);
    expect(stdout.match(/[├└]─ Pod\/\S+ Current/g)?.length).toBe(2);
    expect(stdout).toMatch(/revision 1/);
  });

  it("is printed again when it changes", async () => {
    const ns = newNamespace("watch");
    await apply("web", ns);
    const running = startTenon(["status", "web", "-n", ns, "--watch"], { env });
    const printed = (text: string) =>
      eventually(() => (running.stdout().includes(text) ? true : undefined), { what: text });
    await printed("Service/");
    await kubectl("delete", "service/web", "-n", ns);
    await printed(`Service/${ns}/web NotFound`);
    running.child.kill("SIGINT");
    expect([3, 130]).toContain((await running.result).code);
  });
});

describe.skipIf(tools.missing)(`tenon delete --orphan${tools.reason}`, () => {
  it("forgets an instance, restarts nothing, and lets another instance take the objects", async () => {
    const ns = newNamespace("orphan");
    await apply("web", ns);
    const uidOf = async () => (await kubectlGet("deployment/web", "-n", ns))[0]!.metadata;
    const before = await uidOf();
    const stdout = await tenon(["delete", "web", "-n", ns, "--orphan"], { env });
    expect(stdout).toContain(`instance web in ${ns}: left as plain objects`);
    const after = await uidOf();
    expect(after).toMatchObject({ uid: (before as { uid?: string }).uid });
    expect(after.labels?.["tenon.dev/instance"]).toBeUndefined();
    expect((await spawnTenon(["status", "web", "-n", ns], { env })).code).toBe(1);
    expect(await apply("web", ns)).toContain("configured");
  });
});

async function createSecret(ns: string, secret: object): Promise<void> {
  const kubectlPath = toolPath("TENON_TEST_KUBECTL");
  const options = { env: { ...process.env, ...env }, input: JSON.stringify(secret) };
  const { code, stderr } = await runProcess(kubectlPath, ["create", "-n", ns, "-f", "-"], options);
  if (code !== 0) throw new Error(stderr);
}
