// A bundle of many instances against `kubectl apply --server-side` of the same objects and `helm
// upgrade --install` of an equivalent chart for each: time, and by a counting proxy requests and bytes.
import { mkdir, writeFile } from "node:fs/promises";
import { get } from "node:http";
import path from "node:path";

import { repoRoot } from "../scripts/lib/cache.mjs";
import { report, timeCommand } from "./measure.mjs";

const instances = Array.from({ length: 50 }, (_, i) => `app-${String(i).padStart(2, "0")}`);
const chart = path.join(repoRoot, "bench/fixtures/chart");

/**
 * Measures a first apply, its repeat and an upgrade of one value, each tool in namespaces of its own.
 *
 * @param {object} options
 * @param {Record<string, string>} options.tools
 * @param {string[]} options.tenon the command line that runs Tenon
 * @param {string} options.kubeconfig
 * @param {string} options.scratch a folder
 * @param {(command: string[]) => Promise<object>} options.start starts a process and returns the JSON
 *   of its first line
 * @param {(command: string[]) => string} options.capture runs a command and returns its stdout
 */
export async function fleet({ tools, tenon, kubeconfig, scratch, start, capture }) {
  const proxy = await start([
    process.execPath,
    path.join(repoRoot, "bench/counting-proxy.mjs"),
    kubeconfig,
  ]);
  const counted = path.join(scratch, "counted.kubeconfig");
  await writeFile(counted, kubeconfigFor(proxy.server));
  const dir = path.join(scratch, "fleet");
  await mkdir(dir, { recursive: true });
  const phases = [
    ["first apply of 350 objects in 50 instances", "one"],
    ["its repeat", "one"],
    ["an upgrade of one value of one instance", "two"],
  ];
  for (const [suffix, config, show] of [
    ["timed", kubeconfig, showTimes],
    ["counted", counted, showCounts(proxy.server)],
  ]) {
    const env = { ...process.env, KUBECONFIG: config, TENON_CACHE_DIR: path.join(dir, suffix) };
    const run = await runners({ tools, tenon, dir, suffix, env, capture });
    for (const [title, message] of phases) {
      for (const tool of ["ours", "kubectl", "helm"]) await run[tool].prepare(message);
      const results = {};
      for (const tool of ["ours", "kubectl", "helm"]) {
        results[tool] = await show.measure(() => run[tool].apply(message));
      }
      show.print(title, results);
    }
  }
}

async function runners({ tools, tenon, dir, suffix, env, capture }) {
  const [ours, theirs, charts] = ["ours", "theirs", "charts"].map((who) => `${who}-${suffix}`);
  const bundle = path.join(dir, `${suffix}.cue`);
  const manifests = path.join(dir, `${suffix}.yaml`);
  for (const namespace of [theirs, charts]) {
    timeCommand([tools.TENON_TEST_KUBECTL, "create", "namespace", namespace], { env });
  }
  return {
    ours: {
      prepare: (message) => writeFile(bundle, bundleOf(ours, message)),
      apply: () => timeCommand([...tenon, "bundle", "apply", "-f", bundle], { env }),
    },
    kubectl: {
      async prepare(message) {
        const file = path.join(dir, `${suffix}-theirs.cue`);
        await writeFile(file, bundleOf(theirs, message));
        await writeFile(manifests, capture([...tenon, "bundle", "build", "-f", file]));
      },
      apply: () =>
        timeCommand(
          [
            tools.TENON_TEST_KUBECTL,
            "apply",
            "--server-side",
            "--force-conflicts",
            "-f",
            manifests,
          ],
          { env },
        ),
    },
    helm: {
      async prepare() {},
      apply(message) {
        let sum = 0;
        for (const [index, name] of instances.entries()) {
          const value = `message=${index === 0 ? message : "one"}`;
          sum += timeCommand(
            [
              tools.TENON_TEST_HELM,
              "upgrade",
              "--install",
              name,
              chart,
              "-n",
              charts,
              "--set",
              value,
            ],
            { env },
          );
        }
        return sum;
      },
    },
  };
}

function bundleOf(namespace, message) {
  const module = `file://${path.join(repoRoot, "bench/fixtures/app")}`;
  const entries = instances.map(
    (name, index) =>
      `"${name}": {module: url: "${module}", namespace: "${namespace}", values: message: "${index === 0 ? message : "one"}"}`,
  );
  return `bundle: {\n\tapiVersion: "v1alpha1"\n\tname: "${namespace}"\n\tinstances: {\n\t\t${entries.join("\n\t\t")}\n\t}\n}\n`;
}

const showTimes = {
  measure: (run) => run(),
  print(title, { ours, kubectl, helm }) {
    report(`${title} / kubectl`, { ours, theirs: kubectl });
    report(`${title} / helm`, { ours, theirs: helm });
  },
};

const showCounts = (server) => ({
  async measure(run) {
    await counts(server);
    await run();
    return counts(server);
  },
  print(title, results) {
    const each = Object.entries(results).map(
      ([tool, { requests, writes, bytes }]) =>
        `${tool} ${requests} requests (${writes} writes), ${Math.round(bytes / 1000)} kB`,
    );
    console.log(`${title}: ${each.join("; ")}`);
  },
});

/** Each on a connection of its own: this process sleeps while what it measures runs. */
function counts(server) {
  return new Promise((resolve, reject) => {
    get(`${server}/counts`, { agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
    }).on("error", reject);
  });
}

function kubeconfigFor(server) {
  return `apiVersion: v1
kind: Config
current-context: counted
clusters: [{ name: counted, cluster: { server: "${server}" } }]
users: [{ name: counted, user: {} }]
contexts: [{ name: counted, context: { cluster: counted, user: counted } }]
`;
}
