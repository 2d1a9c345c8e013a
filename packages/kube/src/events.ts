import type { ObjectRef } from "@tenon/core";

import type { Change } from "./change-set.ts";
import type { ObjectStatus } from "./object-status.ts";
import type { Holder } from "./record.ts";

/** What happens during an apply or a delete, in the order in which it happens. */
export type KubeEvent =
  | { readonly type: "namespace-created"; readonly namespace: string }
  | { readonly type: "lock-taken"; readonly from?: Holder | undefined }
  | { readonly type: "set-started"; readonly set: string; readonly objects: number }
  | { readonly type: "change"; readonly change: Change }
  | { readonly type: "warning"; readonly ref: ObjectRef; readonly text: string }
  | {
      readonly type: "waiting";
      readonly what: "ready" | "gone";
      readonly refs: readonly ObjectRef[];
      readonly timeoutMs: number;
    }
  | { readonly type: "status"; readonly ref: ObjectRef; readonly status: ObjectStatus }
  | { readonly type: "ready"; readonly set?: string | undefined; readonly objects: number }
  | { readonly type: "record-written"; readonly state: "pending" | "applied" | "removed" };

/** Takes events as they happen. It must not throw. */
export type OnEvent = (event: KubeEvent) => void;
