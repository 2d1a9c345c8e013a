import { type AddressInfo, createServer } from "node:net";

import { describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { fixture } from "../support/repo.ts";
import { kubectl, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { spawnTenon, startTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe.skipIf(tools.missing)(`tenon apply when it is interrupted${tools.reason}`, () => {
  const env = (): Record<string, string> => ({ KUBECONFIG: sharedCluster().kubeconfig });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends at once with 130 on %s, says what is done, and is completed by the next run",
    async (signal) => {
      const namespace = newNamespace("signals");
      const args = ["apply", "app", fixture("slow"), "-n", namespace];
      const running = startTenon(args, { env: env() });
      await eventually(() => running.stderr().includes("waiting for") || undefined, {
        what: "the wait for readiness",
      });
      const asked = performance.now();
      running.child.kill(signal);
      const { code, stdout, stderr } = await running.result;
      expect(performance.now() - asked).toBeLessThan(3500);
      expect(code).toBe(130);
      expect(stdout).toBe("");
      const report = stderr.slice(stderr.indexOf("interrupted"));
      expect(report.replaceAll(namespace, "NAMESPACE")).toMatchInlineSnapshot(`
        "interrupted
        done: Namespace/NAMESPACE created
        done: ConfigMap/NAMESPACE/settings created
        done: Deployment/NAMESPACE/web created
        hint: Run the same command again to go on
        "
      `);

      const status = await spawnTenon(["status", "app", "-n", namespace], { env: env() });
      expect(status.code).toBe(3);
      await tenon(args, { env: env() });
      const available = ["-o", "jsonpath={.status.availableReplicas}"];
      expect(await kubectl("get", "deployment/web", "-n", namespace, ...available)).toBe("1");
      await tenon(["status", "app", "-n", namespace], { env: env() });
    },
  );

  it("ends at once with 130 when the API server does not answer", async () => {
    const namespace = newNamespace("signals");
    const args = ["apply", "app", fixture("slow"), "-n", namespace, "--kube-server"];
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const reached = new Promise((resolve) => silent.once("connection", resolve));
    const running = startTenon([...args, `http://127.0.0.1:${port}`], { env: env() });
    await reached;
    running.child.kill("SIGINT");
    const asked = performance.now();
    expect((await running.result).code).toBe(130);
    expect(performance.now() - asked).toBeLessThan(3500);
    silent.close();
  });
});

describe("tenon registry serve", () => {
  it("ends with 0 on SIGINT", async () => {
    const running = startTenon(["registry", "serve", "--address", "127.0.0.1:0"]);
    await eventually(() => running.stdout().includes("serving") || undefined, {
      what: "the registry",
    });
    running.child.kill("SIGINT");
    expect((await running.result).code).toBe(0);
  });
});
