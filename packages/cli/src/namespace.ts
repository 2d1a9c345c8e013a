import { readFile } from "node:fs/promises";
import path from "node:path";

import type { CommandContext } from "./context.ts";
import { environmentOf } from "./environment.ts";

/**
 * The namespace of an instance that is built without a cluster: `-n`, else that of the current
 * kubeconfig context, else `default`. Only the namespace is read; files that do not parse are for
 * the commands that need them to complain about.
 */
export async function namespaceOf({ globals, io }: CommandContext): Promise<string> {
  if (globals.namespace !== undefined) return globals.namespace;
  const files = globals.kubeconfig ?? io.env["KUBECONFIG"];
  const usual = path.join(environmentOf({ io }).home, ".kube/config");
  const paths = files?.split(path.delimiter).filter(Boolean) ?? [usual];
  const texts = await Promise.all(paths.map((file) => readFile(file, "utf8").catch(() => "")));
  if (texts.every((text) => text === "")) return "default";
  return (await contextNamespace(texts, globals["kube-context"])) ?? "default";
}

interface KubeConfigText {
  readonly "current-context"?: string;
  readonly contexts?: readonly {
    readonly name?: string;
    readonly context?: { readonly namespace?: string };
  }[];
}

async function contextNamespace(
  texts: readonly string[],
  context: string | undefined,
): Promise<string | undefined> {
  const { parseYaml } = await import("./render/yaml-text.ts");
  const configs = texts.map((text) => {
    try {
      return (parseYaml(text) ?? {}) as KubeConfigText;
    } catch {
      return {};
    }
  });
  const current =
    context ?? configs.find((config) => config["current-context"])?.["current-context"];
  return configs.flatMap((config) => config.contexts ?? []).find(({ name }) => name === current)
    ?.context?.namespace;
}
