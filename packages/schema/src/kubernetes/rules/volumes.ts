import { checkFieldPath, checkResourceField } from "./containers.ts";
import {
  absolutePath,
  between,
  dnsLabel,
  dnsSubdomain,
  fileMode,
  filePath,
  inAnyCase,
  matching,
  relativePath,
  withoutBacksteps,
} from "./formats.ts";
import { checkInnerMetadata } from "./metadata.ts";
import {
  type Fields,
  type Findings,
  type Format,
  type RuleTable,
  type TypeRules,
  isEmpty,
  isSet,
  recordOf,
  recordsOf,
  textOf,
} from "./rule.ts";

const modes = { defaultMode: fileMode };

const iqn: Format = matching(
  'a name that begins with "iqn.", "eui." or "naa."',
  /^(iqn\.\d{4}-\d{2}\.([a-z0-9-]+\.)*[a-z0-9-]+(:[^,;*&$|\s]+)?|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{16}([0-9A-Fa-f]{16})?)$/,
);

/** The name of a driver: a DNS name, in any case. */
export const driverName: Format = {
  ...inAnyCase(dnsSubdomain),
  expected: "a DNS name, at most 63 characters",
  fits: (value) => inAnyCase(dnsSubdomain).fits(value) && String(value).length <= 63,
};

const partition = between(0, 255);
const lun = { lun: between(0, 255) };

/** Sources that pods and persistent volumes have with the same rules. */
const shared: Readonly<Record<string, TypeRules>> = {
  AWSElasticBlockStoreVolumeSource: { filled: ["volumeID"], formats: { partition } },
  AzureDiskVolumeSource: { filled: ["diskName", "diskURI"], check: checkDiskUri },
  FCVolumeSource: {
    formats: lun,
    oneOf: { fields: ["targetWWNs", "wwids"], required: true },
    check(source, found) {
      if (!isEmpty(source["targetWWNs"]) && !isSet(source["lun"])) {
        found.problem(["lun"], 'required field "lun" is missing beside targetWWNs');
      }
    },
  },
  GCEPersistentDiskVolumeSource: { filled: ["pdName"], formats: { partition } },
  HostPathVolumeSource: { filled: ["path"], formats: { path: withoutBacksteps } },
  NFSVolumeSource: { filled: ["server", "path"], formats: { path: absolutePath } },
  PhotonPersistentDiskVolumeSource: { filled: ["pdID"] },
  PortworxVolumeSource: { filled: ["volumeID"] },
  QuobyteVolumeSource: {
    filled: ["registry", "volume"],
    formats: {
      registry: matching("HOST:PORT, or several with commas", /^[^,:]*:[^,:]*(,[^,:]*:[^,:]*)*$/),
    },
  },
  VsphereVirtualDiskVolumeSource: { filled: ["volumePath"] },
  LocalVolumeSource: { filled: ["path"], formats: { path: withoutBacksteps } },
};

/** Sources of which persistent volumes have a form of their own. */
const twofold: Readonly<Record<string, TypeRules>> = {
  AzureFile: { filled: ["secretName", "shareName"] },
  CephFS: { filled: ["monitors"] },
  Cinder: { filled: ["volumeID"] },
  Flex: { filled: ["driver"] },
  Glusterfs: { filled: ["endpoints", "path"] },
  ISCSI: { filled: ["targetPortal", "iqn"], formats: { ...lun, iqn } },
  RBD: { filled: ["monitors", "image"] },
  ScaleIO: { filled: ["gateway", "system", "volumeName"] },
};

const names = ["PersistentVolumeSource", "VolumeSource"];

export const volumeRules: RuleTable = {
  ...Object.fromEntries(
    Object.entries(shared).map(([name, rules]) => [`api.core.v1.${name}`, rules]),
  ),
  ...Object.fromEntries(
    Object.entries(twofold).flatMap(([name, rules]) =>
      names.map((ending) => [`api.core.v1.${name}${ending}`, rules]),
    ),
  ),
  "api.core.v1.Volume": {
    filled: ["name"],
    formats: { name: dnsLabel },
    check(volume, found) {
      const [, ...more] = Object.keys(volume).filter(
        (name) => name !== "name" && isSet(volume[name]),
      );
      for (const name of more) found.problem([name], "a volume has one source only");
    },
  },
  "api.core.v1.ConfigMapVolumeSource": { filled: ["name"], formats: modes },
  "api.core.v1.SecretVolumeSource": { filled: ["secretName"], formats: modes },
  "api.core.v1.ConfigMapProjection": { filled: ["name"] },
  "api.core.v1.SecretProjection": { filled: ["name"] },
  "api.core.v1.KeyToPath": {
    filled: ["key", "path"],
    formats: { mode: fileMode, path: filePath },
  },
  "api.core.v1.DownwardAPIVolumeSource": { formats: modes },
  "api.core.v1.DownwardAPIVolumeFile": {
    filled: ["path"],
    formats: { mode: fileMode, path: filePath },
    oneOf: { fields: ["fieldRef", "resourceFieldRef"], required: true },
    check({ fieldRef, resourceFieldRef }, found) {
      checkFieldPath(found, fieldRef, fieldsOfFiles);
      checkResourceField(found, resourceFieldRef);
      if (isSet(resourceFieldRef) && isEmpty(recordOf(resourceFieldRef)["containerName"])) {
        const path = ["resourceFieldRef", "containerName"];
        found.problem(path, 'required field "containerName" is missing');
      }
    },
  },
  "api.core.v1.ProjectedVolumeSource": { formats: modes, check: checkPathsOfFiles },
  // The API server drops the sources of features that are off.
  "api.core.v1.VolumeProjection": {
    oneOf: {
      fields: ["secret", "configMap", "downwardAPI", "serviceAccountToken"],
      required: false,
    },
  },
  "api.core.v1.ServiceAccountTokenProjection": {
    filled: ["path"],
    formats: { path: filePath, expirationSeconds: between(600, 2 ** 32, "seconds") },
  },
  "api.core.v1.PersistentVolumeClaimVolumeSource": { filled: ["claimName"] },
  "api.core.v1.CSIVolumeSource": { filled: ["driver"], formats: { driver: driverName } },
  "api.core.v1.EphemeralVolumeSource": { filled: ["volumeClaimTemplate"] },
  "api.core.v1.PersistentVolumeClaimTemplate": {
    check: ({ metadata }, found) => checkInnerMetadata(found, metadata, ["metadata"]),
  },
  "api.core.v1.GitRepoVolumeSource": {
    filled: ["repository"],
    formats: { directory: relativePath },
  },
};

const fieldsOfFiles: ReadonlySet<string> = new Set([
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "metadata.labels",
  "metadata.annotations",
]);

function checkDiskUri({ kind, diskURI }: Fields, found: Findings): void {
  if (isEmpty(kind) || typeof diskURI !== "string" || diskURI === "") return;
  const start = kind === "Managed" ? "/subscriptions/" : "https://";
  if (!diskURI.startsWith(start))
    found.expected(["diskURI"], `a disk that begins with ${start}`, diskURI);
}

function checkPathsOfFiles({ sources }: Fields, found: Findings): void {
  const seen = new Set<string>();
  for (const [index, source] of recordsOf(sources)) {
    for (const name of ["secret", "configMap", "downwardAPI"]) {
      for (const [at, item] of recordsOf(recordOf(source[name])["items"])) {
        const path = textOf(item["path"]);
        if (path !== "" && seen.has(path)) {
          found.problem(
            ["sources", index, name, "items", at, "path"],
            `another file has the path ${path}`,
          );
        }
        seen.add(path);
      }
    }
  }
}
