import { isTenonError } from "@tenon/core";
import type { Access, RoleRule } from "@tenon/kube";

/** What is checked. */
export type CheckName =
  | "server"
  | "version"
  | "clock"
  | "user"
  | "module"
  | "render"
  | "kinds"
  | "namespace"
  | "access"
  | "instance"
  | "dry run";

/** What one check found. */
export interface CheckItem {
  readonly check: CheckName;
  /** `warning`: it works, but less well; `failed`: an apply would fail. */
  readonly result: "ok" | "warning" | "failed";
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** Code of the error that an apply would end in. */
  readonly code?: string | undefined;
  /** The rule that a role lacks, and the namespace of the role. */
  readonly missing?: RoleRule & { readonly namespace?: string | undefined };
}

/** What was found about one instance, or about one cluster. */
export interface CheckReport {
  /** The cluster as the runtime of a bundle names it. */
  readonly cluster?: string | undefined;
  readonly instance?: string | undefined;
  readonly namespace?: string | undefined;
  readonly items: readonly CheckItem[];
  /** The rights that an apply makes use of. */
  readonly access: readonly Access[];
}

/** Collects what checks find. */
export class Findings {
  readonly items: CheckItem[] = [];

  /** Whether anything failed so far. */
  get failed(): boolean {
    return this.items.some(({ result }) => result === "failed");
  }

  add(check: CheckName, result: CheckItem["result"], message: string, hint?: string): void {
    this.items.push({ check, result, message, ...(hint !== undefined && { hint }) });
  }

  /** Takes a step; its failure is a finding, and nothing comes back. Defects are thrown. */
  async attempt<T>(check: CheckName, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!isTenonError(error)) throw error;
      const { code, message, hint } = error;
      this.items.push({ check, result: "failed", message, code, ...(hint && { hint }) });
      return undefined;
    }
  }
}
