import {
  between,
  chosen,
  dnsLabel,
  dnsSubdomain,
  evenEmpty,
  inAnyCase,
  oneOf,
  qualifiedName,
} from "./formats.ts";
import { parseQuantity } from "./quantity.ts";
import { checkAmount } from "./resources.ts";
import {
  type Fields,
  type Findings,
  type Path,
  type RuleTable,
  type Surroundings,
  isEmpty,
  isSet,
  listOf,
  recordOf,
  recordsOf,
  reportRepeated,
  textOf,
} from "./rule.ts";
import { driverName } from "./volumes.ts";

const accessModes = oneOf("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");

const secretReference = { name: dnsSubdomain, namespace: dnsLabel };

export const storageRules: RuleTable = {
  "api.core.v1.PersistentVolumeClaim": { filled: ["spec"] },
  "api.core.v1.PersistentVolumeClaimSpec": {
    filled: ["accessModes"],
    formats: {
      accessModes,
      storageClassName: dnsSubdomain,
      volumeAttributesClassName: dnsSubdomain,
      volumeMode: chosen,
    },
    check(spec, found) {
      checkAccessModes(spec, found);
      const storage = recordOf(recordOf(spec["resources"])["requests"])["storage"];
      if (!isSet(storage))
        found.problem(["resources", "requests", "storage"], 'required field "storage" is missing');
      else checkPositive(found, storage, ["resources", "requests", "storage"]);
      checkSources(spec, found);
    },
  },
  "api.core.v1.TypedObjectReference": { filled: ["kind", "name"] },
  "api.core.v1.PersistentVolume": { filled: ["spec"] },
  "api.core.v1.PersistentVolumeSpec": {
    formats: {
      accessModes,
      storageClassName: dnsSubdomain,
      volumeAttributesClassName: evenEmpty(dnsSubdomain),
      volumeMode: chosen,
    },
    check: checkVolume,
  },
  "api.core.v1.CSIPersistentVolumeSource": {
    filled: ["driver", "volumeHandle"],
    formats: { driver: driverName },
    check(source, found) {
      for (const [name, reference] of Object.entries(source)) {
        if (!name.endsWith("SecretRef") || !isSet(reference)) continue;
        for (const [field, format] of Object.entries(secretReference)) {
          const value = recordOf(reference)[field];
          if (isEmpty(value)) found.problem([name, field], `required field "${field}" is missing`);
          else if (typeof value === "string" && !format.fits(value))
            found.expected([name, field], format.expected, value);
        }
      }
    },
  },
  "api.core.v1.TopologySelectorLabelRequirement": {
    filled: ["values"],
    formats: { key: evenEmpty(qualifiedName) },
    check({ values }, found) {
      const list = listOf(values);
      for (const [index, value] of list.entries()) {
        if (list.indexOf(value) < index)
          found.problem(["values", index], `duplicate of ${JSON.stringify(value)}`);
      }
    },
  },
  "api.core.v1.TopologySelectorTerm": {
    filled: ["matchLabelExpressions"],
    check({ matchLabelExpressions }, found) {
      reportRepeated(found, matchLabelExpressions, ["matchLabelExpressions"], ({ key }) =>
        textOf(key),
      );
    },
  },
  "api.storage.v1.StorageClass": {
    filled: ["provisioner"],
    formats: {
      provisioner: inAnyCase(qualifiedName),
      reclaimPolicy: oneOf("Delete", "Retain"),
      volumeBindingMode: evenEmpty(oneOf("Immediate", "WaitForFirstConsumer")),
    },
    check({ allowedTopologies, parameters }, found) {
      checkParameters(found, parameters);
      reportRepeated(found, allowedTopologies, ["allowedTopologies"], termText);
    },
  },
  "api.storage.v1.VolumeAttributesClass": {
    filled: ["driverName"],
    formats: { driverName: inAnyCase(qualifiedName) },
    check({ parameters }, found) {
      checkParameters(found, parameters);
      if (Object.keys(recordOf(parameters)).length === 0)
        found.problem(["parameters"], "a parameter is required");
    },
  },
  "api.storage.v1.CSIStorageCapacity": {
    filled: ["storageClassName"],
    formats: { storageClassName: dnsSubdomain },
    check({ capacity, maximumVolumeSize }, found) {
      checkAmount(found, "storage", capacity, ["capacity"]);
      checkAmount(found, "storage", maximumVolumeSize, ["maximumVolumeSize"]);
    },
  },
  "api.storage.v1.VolumeAttachmentSpec": {
    filled: ["attacher", "nodeName"],
    formats: { attacher: driverName, nodeName: dnsSubdomain },
  },
  "api.storage.v1.VolumeAttachmentSource": {
    oneOf: { fields: ["persistentVolumeName", "inlineVolumeSpec"], required: true },
    formats: { persistentVolumeName: evenEmpty(dnsSubdomain) },
  },
  "api.storage.v1.CSIDriverSpec": {
    formats: {
      fsGroupPolicy: evenEmpty(oneOf("File", "None", "ReadWriteOnceWithFSType")),
      volumeLifecycleModes: oneOf("Ephemeral", "Persistent"),
    },
    check({ tokenRequests }, found) {
      reportRepeated(
        found,
        tokenRequests,
        ["tokenRequests"],
        ({ audience }) => `audience ${JSON.stringify(audience ?? "")}`,
      );
    },
  },
  "api.storage.v1.TokenRequest": {
    formats: { expirationSeconds: between(600, 2 ** 32, "seconds") },
  },
  "api.storage.v1.CSINodeDriver": {
    filled: ["name", "nodeID"],
    formats: { name: driverName, topologyKeys: qualifiedName },
    check({ topologyKeys }, found) {
      const keys = listOf(topologyKeys);
      for (const [index, key] of keys.entries()) {
        if (keys.indexOf(key) < index)
          found.problem(["topologyKeys", index], `duplicate of ${JSON.stringify(key)}`);
      }
    },
  },
};

function checkAccessModes({ accessModes: modes }: Fields, found: Findings): void {
  const list = listOf(modes);
  if (
    list.includes("ReadWriteOncePod") &&
    list.some((mode) => mode !== "ReadWriteOncePod" && accessModes.fits(String(mode)))
  ) {
    found.problem(["accessModes"], "ReadWriteOncePod cannot be together with other access modes");
  }
}

function checkPositive(found: Findings, value: unknown, path: Path): void {
  const amount = parseQuantity(value);
  if (amount !== undefined && amount < 1n) found.expected(path, "more than 0", value);
}

function checkSources({ dataSource, dataSourceRef }: Fields, found: Findings): void {
  for (const [name, source] of Object.entries({ dataSource, dataSourceRef })) {
    const { kind, name: sourceName, apiGroup, namespace } = recordOf(source);
    const isKnown = isEmpty(apiGroup)
      ? kind === "PersistentVolumeClaim"
      : kind === "VolumeSnapshot";
    // The API server drops other kinds of dataSource.
    if (!isSet(source) || (name === "dataSource" && !isKnown)) continue;
    if (isEmpty(sourceName)) found.problem([name, "name"], 'required field "name" is missing');
    if (isEmpty(kind)) found.problem([name, "kind"], 'required field "kind" is missing');
    else if (isEmpty(apiGroup) && kind !== "PersistentVolumeClaim") {
      found.expected([name, "kind"], '"PersistentVolumeClaim", for there is no apiGroup', kind);
    }
    if (typeof apiGroup === "string" && apiGroup !== "" && !dnsSubdomain.fits(apiGroup)) {
      found.expected([name, "apiGroup"], dnsSubdomain.expected, apiGroup);
    }
    if (typeof namespace === "string" && namespace !== "" && !dnsLabel.fits(namespace)) {
      found.expected([name, "namespace"], dnsLabel.expected, namespace);
    }
  }
}

const volumeSources = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

function checkVolume(spec: Fields, found: Findings, { parents }: Surroundings): void {
  checkAccessModes(spec, found);
  const given = volumeSources.filter((name) => isSet(spec[name]));
  if (given.length === 0)
    found.problem([], "a volume source is required, such as csi, nfs or hostPath");
  // The API server does not count this one.
  const counted = given.filter((name) => name !== "flexVolume");
  for (const name of counted.slice(1)) found.problem([name], "a volume has one source only");
  // The volume of an attachment, which is not persistent.
  if (parents.at(-1)?.["kind"] !== "PersistentVolume") return;
  if (isEmpty(spec["accessModes"]))
    found.problem(["accessModes"], 'required field "accessModes" is missing');
  checkCapacity(spec, found);
  if (isSet(spec["local"]) && !isSet(recordOf(spec["nodeAffinity"])["required"])) {
    found.problem(["nodeAffinity"], "a local volume needs required node affinity");
  }
  if (isSet(spec["nodeAffinity"]) && !isSet(recordOf(spec["nodeAffinity"])["required"])) {
    found.problem(["nodeAffinity", "required"], 'required field "required" is missing');
  }
}

function checkCapacity({ capacity }: Fields, found: Findings): void {
  const [name, ...more] = Object.keys(recordOf(capacity));
  if (name !== "storage" || more.length > 0) {
    const wrong = [name, ...more].find((key) => key !== "storage");
    const path = wrong === undefined || name === undefined ? ["capacity"] : ["capacity", wrong];
    found.problem(path, 'a capacity has one entry, "storage"');
  } else {
    checkPositive(found, recordOf(capacity)["storage"], ["capacity", "storage"]);
  }
}

function checkParameters(found: Findings, parameters: unknown): void {
  if (Object.hasOwn(recordOf(parameters), ""))
    found.problem(["parameters", ""], "a key must not be empty");
}

function termText({ matchLabelExpressions }: Fields): string {
  const expressions = recordsOf(matchLabelExpressions).map(([, { key, values }]) =>
    JSON.stringify([key, listOf(values).map(String).toSorted(byText)]),
  );
  return expressions.toSorted(byText).join(", ");
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
