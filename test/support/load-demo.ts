import { pathToFileURL } from "node:url";

import { repoPath } from "./repo.ts";

/** A step of the demo that has ended. */
export interface DemoStep {
  readonly name: string;
  readonly code: number;
  readonly args: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  /** The demo's temporary folder. */
  readonly dir: string;
  /** Host and port of its registry. */
  readonly registry: string;
  readonly kubeconfig: string;
  readonly auditLog: string;
}

/** How to run the demo. */
export interface DemoOptions {
  readonly out: NodeJS.WritableStream;
  readonly afterStep: (step: DemoStep) => Promise<void>;
  readonly cluster: string;
  readonly signal?: AbortSignal;
}

/** The function behind `npm start`, which is plain JavaScript as it runs before anything is installed. */
export async function loadDemo(): Promise<(options: DemoOptions) => Promise<void>> {
  const url = pathToFileURL(repoPath("scripts/demo.mjs")).href;
  const module = (await import(url)) as { runDemo: (options: DemoOptions) => Promise<void> };
  return module.runDemo;
}
