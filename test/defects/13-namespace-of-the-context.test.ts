// With --kube-context, Timoni goes to the other context's cluster but works in the namespace of the
// current one. Tenon takes the namespace from the context that it uses.
import { describe, expect, it } from "vitest";

import { kubeconfigText } from "../support/kubeconfig-text.ts";
import { fixture } from "../support/repo.ts";
import { kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";
import { tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 13${tools.reason}`, () => {
  it("an instance goes to the namespace of the context that was chosen", async () => {
    const [current, other] = [newNamespace("current"), newNamespace("other")];
    await using dir = await tempDir();
    const KUBECONFIG = await dir.write({
      config: kubeconfigText(sharedCluster(), { contexts: { current, other } }),
    });
    await tenon(["apply", "app", fixture("objects"), "--kube-context", "other"], {
      env: { KUBECONFIG },
    });
    const [record] = await kubectlGet("secrets", "-n", other);
    expect(record?.metadata.name).toBe("tenon.app");
    expect(await kubectlGet("secrets,configmaps", "-n", current)).toEqual([]);
  });
});
