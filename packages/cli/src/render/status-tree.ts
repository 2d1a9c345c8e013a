import { formatDuration, formatRef, printable } from "@tenon/core";
import type { HolderIdentity, InstanceObjectStatus, StatusName, TreeNode } from "@tenon/kube";

import { count } from "./count.ts";
import type { Paint } from "./paint.ts";

/** The lines of an object of an instance and of what was made for it. */
export function objectTreeLines(
  object: InstanceObjectStatus,
  view: { readonly now: number },
  paint: Paint,
): string[] {
  const { drifted } = object;
  const note = drifted === 0 ? "" : paint.yellow(` (${count(drifted, "field")} drifted)`);
  const [first, ...rest] = nodeLines(object, view, paint);
  return [`${first}${note}`, ...rest];
}

function nodeLines(node: TreeNode, view: { readonly now: number }, paint: Paint): string[] {
  const { ref, status, message, createdAt, children } = node;
  const age = createdAt === undefined ? "" : paint.dim(`, ${ageOf(createdAt, view.now)} old`);
  const head = `${paint.cyan(formatRef(ref))} ${statusColour(status, paint)(status)} - ${printable(message)}${age}`;
  return [head, ...branches(children.map((child) => nodeLines(child, view, paint)))];
}

/** Hangs the lines of each child below its parent. */
export function branches(children: readonly (readonly string[])[]): string[] {
  return children.flatMap(([first, ...rest], index) => {
    const last = index === children.length - 1;
    return [
      `${last ? "└─" : "├─"} ${first}`,
      ...rest.map((line) => `${last ? "  " : "│ "} ${line}`),
    ];
  });
}

/** An object and what was made for it, as JSON and YAML show them. */
export function nodeData({ ref, children, ...rest }: TreeNode): unknown {
  return { ...ref, ...rest, children: children.map(nodeData) };
}

/** `process 7 on build-3`: of the host, its name alone is for people. */
export function holderText({ pid, host }: HolderIdentity): string {
  return `process ${pid} on ${printable(host.split("/", 1)[0] ?? "")}`;
}

/** How long ago something was, in whole seconds. */
export function ageOf(time: string, now: number): string {
  const age = Math.max(1000, now - Date.parse(time));
  return formatDuration(age - (age % 1000));
}

function statusColour(name: StatusName, paint: Paint): (text: string) => string {
  switch (name) {
    case "Current":
      return paint.green;
    case "InProgress":
    case "Terminating":
    case "Unknown":
      return paint.yellow;
    case "Failed":
    case "NotFound":
      return paint.red;
  }
}
