import type { BundleRecord } from "./bundle/bundle-record.ts";
import {
  bundleLabel,
  bundleRecordName,
  bundleRecordPartType,
  bundleRecordType,
  clusterLabel,
  recordLabels,
  recordName,
  recordPartType,
  recordType,
} from "./identity.ts";
import type { AnyRecord, InstanceRecord } from "./record.ts";

/** How the records of one kind are named and labelled in a cluster. */
export interface RecordKind<R extends AnyRecord> {
  readonly role: "instance" | "bundle";
  readonly partRole: "part" | "bundle-part";
  /** `type` of the Secret, and of those that continue it. */
  readonly type: string;
  readonly partType: string;
  secretName(record: Pick<R, "name"> & Partial<R>): string;
  labels(record: R, role: "instance" | "part" | "bundle" | "bundle-part"): Record<string, string>;
  /** Labels that a record may lose: they are set to null when a record is written without them. */
  readonly optionalLabels: readonly string[];
  /** `instance web in apps`. */
  describe(record: R): string;
}

/** Records of instances. */
export const instanceKind: RecordKind<InstanceRecord> = {
  role: "instance",
  partRole: "part",
  type: recordType,
  partType: recordPartType,
  secretName: ({ name }) => recordName(name),
  labels: ({ name, bundle }, role) => recordLabels(name, role, { [bundleLabel]: bundle }),
  optionalLabels: [bundleLabel],
  describe: ({ name, namespace }) => `instance ${name} in ${namespace}`,
};

/** Records of bundles. */
export const bundleKind: RecordKind<BundleRecord> = {
  role: "bundle",
  partRole: "bundle-part",
  type: bundleRecordType,
  partType: bundleRecordPartType,
  secretName: ({ name, cluster }) => bundleRecordName(name, cluster),
  labels: ({ name, cluster }, role) => recordLabels(name, role, { [clusterLabel]: cluster }),
  optionalLabels: [clusterLabel],
  describe: ({ name, cluster }) =>
    cluster === undefined ? `bundle ${name}` : `bundle ${name} on ${cluster}`,
};
