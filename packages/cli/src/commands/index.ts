import type { Command } from "../define-command.ts";

/** Loads the command of a path. Each is in a file of its own that is read when it runs. */
export const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {
  adopt: async () => (await import("./adopt.ts")).adopt,
  apply: async () => (await import("./apply.ts")).apply,
  "bundle apply": async () => (await import("./bundle/apply.ts")).apply,
  "bundle build": async () => (await import("./bundle/build.ts")).build,
  "bundle check": async () => (await import("./bundle/check.ts")).check,
  "bundle delete": async () => (await import("./bundle/delete.ts")).deleteCommand,
  "bundle diff": async () => (await import("./bundle/diff.ts")).diff,
  "bundle list": async () => (await import("./bundle/list.ts")).list,
  "bundle status": async () => (await import("./bundle/status.ts")).status,
  "bundle vet": async () => (await import("./bundle/vet.ts")).vet,
  build: async () => (await import("./build.ts")).build,
  check: async () => (await import("./check.ts")).check,
  completion: async () => (await import("./completion.ts")).completion,
  delete: async () => (await import("./delete.ts")).deleteCommand,
  drift: async () => (await import("./drift.ts")).drift,
  explain: async () => (await import("./explain.ts")).explain,
  fmt: async () => (await import("./fmt.ts")).fmt,
  "inspect module": async () => (await import("./inspect/module.ts")).inspectModule,
  "inspect resources": async () => (await import("./inspect/resources.ts")).inspectResources,
  "inspect values": async () => (await import("./inspect/values.ts")).inspectValues,
  leave: async () => (await import("./leave.ts")).leave,
  list: async () => (await import("./list.ts")).list,
  "mod import": async () => (await import("./mod/import.ts")).importManifests,
  "mod init": async () => (await import("./mod/init.ts")).init,
  "mod list": async () => (await import("./mod/list.ts")).listVersions,
  "mod pull": async () => (await import("./mod/pull.ts")).pull,
  "mod push": async () => (await import("./mod/push.ts")).push,
  "mod show config": async () => (await import("./mod/show-config.ts")).showConfig,
  "mod show readme": async () => (await import("./mod/show-readme.ts")).showReadme,
  "mod show schema": async () => (await import("./mod/show-schema.ts")).showSchema,
  "mod show values": async () => (await import("./mod/show-values.ts")).showValues,
  "mod test": async () => (await import("./mod/test.ts")).test,
  "mod vendor core": async () => (await import("./mod/vendor-core.ts")).vendorCoreLibrary,
  "mod vendor crd": async () => (await import("./mod/vendor-crd.ts")).vendorCrd,
  "mod vendor k8s": async () => (await import("./mod/vendor-k8s.ts")).vendorKubernetes,
  "mod vet": async () => (await import("./mod/vet.ts")).vet,
  "registry login": async () => (await import("./registry/login.ts")).login,
  "registry logout": async () => (await import("./registry/logout.ts")).logout,
  "registry serve": async () => (await import("./registry/serve.ts")).serve,
  repair: async () => (await import("./repair.ts")).repair,
  "runtime build": async () => (await import("./runtime/build.ts")).build,
  status: async () => (await import("./status.ts")).status,
  version: async () => (await import("./version.ts")).version,
  types: async () => (await import("./types.ts")).types,
};

/** Loads all commands. */
export async function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(commandLoaders).map((load) => load()));
}
