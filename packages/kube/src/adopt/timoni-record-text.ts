import { timestamp } from "../clock.ts";
import { timoniBundleLabel } from "../identity.ts";
import { ownedBy } from "../inventory.ts";
import { inApplyOrder } from "../order.ts";
import type { InstanceRecord } from "../record.ts";
import { escapedAsGo } from "./go-json.ts";
import { formatEntry } from "./inventory-id.ts";

/** The JSON in which Timoni records an instance, of what our record says. */
export function timoniRecordText(record: InstanceRecord, now: number): string {
  const { name, namespace, bundle, applied, pending } = record;
  const state = applied ?? pending;
  if (state === undefined) throw new Error(`The record of ${name} holds no state`);
  const { module, values, images } = state;
  const { repository, version, digest, annotations } = module;
  const entries = inApplyOrder(ownedBy(record), (ref) => ref).map(formatEntry);
  const instance = {
    kind: "Instance",
    apiVersion: "timoni.sh/v1alpha1",
    metadata: { name, namespace, ...(bundle && { labels: { [timoniBundleLabel]: bundle } }) },
    module: { name: module.name, repository, version, digest, ...(annotations && { annotations }) },
    values: values ?? "{}",
    lastTransitionTime: timestamp(now),
    inventory: { entries },
    ...(images.length > 0 && { images }),
  };
  return escapedAsGo(JSON.stringify(instance));
}

/** Labels of Timoni's record Secret. */
export function timoniRecordLabels({ name, bundle }: InstanceRecord): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": "instance",
    "app.kubernetes.io/created-by": "timoni",
    ...(bundle === undefined ? {} : { [timoniBundleLabel]: bundle }),
  };
}
