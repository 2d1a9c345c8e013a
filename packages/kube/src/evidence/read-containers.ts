import { type KubeObjectView, printable } from "@tenon/core";

import type { CauseContainer } from "./cause.ts";
import type { EvidenceReader } from "./evidence-reader.ts";
import { type ContainerStatus, containersOf, waitsFor } from "./pod.ts";

const mostLines = 20;
const longestLine = 500;
/** More than the lines that are kept can have, as the server cuts at the end and not at the start. */
const mostLogBytes = 256 * 1024;

/** The containers of a pod that do not run as they should, with the last lines of their logs. */
export async function readContainers(
  reader: EvidenceReader,
  pod: KubeObjectView,
): Promise<readonly CauseContainer[]> {
  const failing = containersOf(pod).filter(isFailing);
  return Promise.all(
    failing.map(async (container) => {
      const log = await readLog(reader, pod, container);
      return { ...describe(container), ...(log.length > 0 && { log }) };
    }),
  );
}

function isFailing(container: ContainerStatus): boolean {
  const { ready, state } = container;
  if (state?.terminated !== undefined) return state.terminated.exitCode !== 0;
  if (state?.running !== undefined) return ready !== true;
  return waitsFor(container) !== undefined;
}

function describe({
  name,
  init,
  state,
  lastState,
  restartCount,
}: ContainerStatus & { readonly init: boolean }): CauseContainer {
  const ended = state?.terminated ?? lastState?.terminated;
  const { reason, message } = state?.waiting ?? state?.terminated ?? {};
  return {
    name,
    ...(init && { init: true as const }),
    state: state?.running ? "running" : state?.terminated ? "terminated" : "waiting",
    ...(reason && { reason }),
    ...(message && { message }),
    ...(ended?.exitCode !== undefined && { exitCode: ended.exitCode }),
    restarts: restartCount ?? 0,
  };
}

/** A container that was started again has said before its end why it ended. */
async function readLog(
  reader: EvidenceReader,
  pod: KubeObjectView,
  { name, state, lastState }: ContainerStatus,
): Promise<readonly string[]> {
  const restarted = lastState?.terminated !== undefined && state?.terminated === undefined;
  const hasRun = restarted || state?.running !== undefined || state?.terminated !== undefined;
  if (!hasRun) return [];
  const { namespace = "", name: podName } = pod.metadata;
  const query = { container: name, tailLines: mostLines, limitBytes: mostLogBytes };
  const where = { namespace, name: podName };
  const text = await reader.log(where, { ...query, previous: restarted });
  const lines = printable(text ?? "")
    .split("\n")
    .map((line) => line.trimEnd());
  return lines
    .filter((line) => line !== "")
    .slice(-mostLines)
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
}
