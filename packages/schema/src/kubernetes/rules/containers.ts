import { ipAddress } from "./addresses.ts";
import {
  atLeast,
  chosen,
  dataKey,
  dnsLabel,
  dnsSubdomain,
  envName,
  evenEmpty,
  matching,
  oneOf,
  port,
  portNameOnly,
  portOrName,
  relativePath,
  withoutBacksteps,
} from "./formats.ts";
import { one, parseQuantity } from "./quantity.ts";
import { checkResources } from "./resources.ts";
import {
  type Fields,
  type Findings,
  type Path,
  type RuleTable,
  isEmpty,
  isRecord,
  isSet,
  recordOf,
  recordsOf,
  reportRepeated,
  textOf,
} from "./rule.ts";

const container = {
  filled: ["name", "image"],
  formats: { name: dnsLabel, restartPolicy: chosen },
};

const seconds = {
  initialDelaySeconds: atLeast(0),
  timeoutSeconds: atLeast(0),
  periodSeconds: atLeast(0),
  successThreshold: atLeast(0),
  failureThreshold: atLeast(0),
  terminationGracePeriodSeconds: atLeast(1),
};

export const containerRules: RuleTable = {
  "api.core.v1.Container": container,
  "api.core.v1.EphemeralContainer": container,
  "api.core.v1.ContainerPort": {
    filled: ["containerPort"],
    formats: { containerPort: port, hostPort: portOrNone(), name: portNameOnly, hostIP: ipAddress },
  },
  "api.core.v1.EnvVar": {
    filled: ["name"],
    formats: { name: envName },
    check({ value, valueFrom }, found) {
      if (isSet(valueFrom) && !isEmpty(value)) {
        found.problem(["valueFrom"], '"valueFrom" must be left out beside a value');
      }
    },
  },
  "api.core.v1.EnvVarSource": {
    oneOf: {
      fields: ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"],
      required: true,
    },
    check({ fieldRef, resourceFieldRef }, found) {
      checkFieldPath(found, fieldRef, fieldsOfEnv);
      checkResourceField(found, resourceFieldRef);
    },
  },
  "api.core.v1.EnvFromSource": {
    formats: { prefix: envName },
    oneOf: { fields: ["configMapRef", "secretRef"], required: true },
  },
  "api.core.v1.ConfigMapEnvSource": { filled: ["name"], formats: { name: objectName() } },
  "api.core.v1.SecretEnvSource": { filled: ["name"], formats: { name: objectName() } },
  "api.core.v1.ConfigMapKeySelector": {
    filled: ["name", "key"],
    formats: { name: dnsSubdomain, key: dataKey },
  },
  "api.core.v1.SecretKeySelector": {
    filled: ["name", "key"],
    formats: { name: dnsSubdomain, key: dataKey },
  },
  "api.core.v1.ResourceRequirements": { check: checkResources },
  "api.core.v1.VolumeMount": {
    filled: ["name", "mountPath"],
    formats: {
      subPath: relativePath,
      subPathExpr: relativePath,
      mountPropagation: chosen,
      recursiveReadOnly: chosen,
    },
    oneOf: { fields: ["subPath", "subPathExpr"], required: false },
    check({ recursiveReadOnly, readOnly, mountPropagation }, found) {
      if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible") return;
      const isPlain = isEmpty(mountPropagation) || mountPropagation === "None";
      if (readOnly !== true || !isPlain) {
        const message = '"recursiveReadOnly" needs readOnly, and mountPropagation None';
        found.problem(["recursiveReadOnly"], message);
      }
    },
  },
  "api.core.v1.VolumeDevice": {
    filled: ["name", "devicePath"],
    formats: { devicePath: withoutBacksteps },
  },
  "api.core.v1.Probe": {
    formats: seconds,
    oneOf: { fields: ["exec", "httpGet", "tcpSocket", "grpc"], required: true },
  },
  "api.core.v1.LifecycleHandler": {
    oneOf: { fields: ["exec", "httpGet", "tcpSocket", "sleep"], required: true },
  },
  "api.core.v1.ExecAction": { filled: ["command"] },
  "api.core.v1.HTTPGetAction": { formats: { port: portOrName } },
  "api.core.v1.TCPSocketAction": { formats: { port: portOrName } },
  "api.core.v1.GRPCAction": { formats: { port } },
  "api.core.v1.HTTPHeader": {
    formats: { name: evenEmpty(matching("letters, digits and dashes", /^[-A-Za-z0-9]+$/)) },
  },
  "api.core.v1.ContainerRestartRule": {
    filled: ["action", "exitCodes"],
    formats: { action: oneOf("Restart", "RestartAllContainers") },
  },
  "api.core.v1.ContainerRestartRuleOnExitCodes": {
    filled: ["operator"],
    formats: { operator: oneOf("In", "NotIn") },
  },
  "api.core.v1.ContainerResizePolicy": {
    filled: ["resourceName", "restartPolicy"],
    formats: { resourceName: matching("cpu or memory", /^(cpu|memory)$/) },
  },
};

function portOrNone() {
  return {
    ...port,
    expected: port.expected,
    fits: (value: string | number) => value === 0 || port.fits(value),
  };
}

/** Names that end where others are appended: a last dash is taken. */
function objectName() {
  return {
    ...dnsSubdomain,
    fits: (value: string | number) => dnsSubdomain.fits(String(value).replace(/-$/, "a")),
  };
}

const fieldsOfEnv: ReadonlySet<string> = new Set([
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
]);

/** Checks which field of a pod is asked for. */
export function checkFieldPath(
  found: Findings,
  fieldRef: unknown,
  allowed: ReadonlySet<string>,
): void {
  if (!isRecord(fieldRef)) return;
  const { fieldPath, apiVersion } = fieldRef;
  const path = ["fieldRef", "fieldPath"];
  if (!isEmpty(apiVersion) && apiVersion !== "v1") {
    found.expected(["fieldRef", "apiVersion"], '"v1"', apiVersion);
  }
  if (isEmpty(fieldPath)) {
    found.problem(path, 'required field "fieldPath" is missing');
  } else if (typeof fieldPath === "string" && !allowed.has(fieldPath)) {
    if (/^metadata\.(labels|annotations)\['[^']+'\]$/.test(fieldPath)) return;
    const names = [...allowed].join(", ");
    found.expected(
      path,
      `one of ${names}, metadata.labels['KEY'], metadata.annotations['KEY']`,
      fieldPath,
    );
  }
}

const containerResource = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.*)$/;

/** None, a thousandth, or a whole one. */
const divisorsOfCpu = [0n, one / 1000n, one];

/** Checks which resource of a container is asked for. */
export function checkResourceField(found: Findings, reference: unknown): void {
  if (!isRecord(reference)) return;
  const { resource, divisor } = reference;
  if (typeof resource !== "string") return;
  if (!containerResource.test(resource)) {
    const expected = "limits or requests of cpu, memory, ephemeral-storage or hugepages-SIZE";
    found.expected(["resourceFieldRef", "resource"], expected, resource);
  } else if (resource.endsWith(".cpu") && !divisorsOfCpu.includes(parseQuantity(divisor) ?? 0n)) {
    found.expected(["resourceFieldRef", "divisor"], '"1" or "1m"', divisor);
  }
}

const lists = ["initContainers", "containers", "ephemeralContainers"] as const;

/** Checks the containers of a pod against each other and against its volumes. */
export function checkContainers(
  spec: Fields,
  found: Findings,
  moreVolumes: readonly string[],
): void {
  const volumes = new Map(
    recordsOf(spec["volumes"]).map(([, volume]) => [textOf(volume["name"]), volume]),
  );
  const names = new Map<string, string>();
  const claims = new Set(recordsOf(spec["resourceClaims"]).map(([, { name }]) => name));
  for (const list of lists) {
    for (const [index, fields] of recordsOf(spec[list])) {
      const path = [list, index];
      const name = textOf(fields["name"]);
      const other = names.get(name);
      if (name !== "" && other !== undefined && other !== list) {
        found.problem(
          [...path, "name"],
          `a container of ${other} has the name ${JSON.stringify(name)} too`,
        );
      }
      names.set(name, list);
      checkMounts(found, fields, path, { volumes, moreVolumes });
      checkClaims(found, fields, path, claims);
      checkProbes(found, fields, path, list === "initContainers");
      checkPortNames(found, fields, path);
    }
  }
}

interface Volumes {
  readonly volumes: ReadonlyMap<string, Fields>;
  readonly moreVolumes: readonly string[];
}

function checkMounts(found: Findings, fields: Fields, path: Path, known: Volumes): void {
  const { volumeMounts, volumeDevices, securityContext } = fields;
  const mountPaths = new Set<unknown>();
  const mounted = new Set<unknown>();
  for (const [index, { name, mountPath, mountPropagation }] of recordsOf(volumeMounts)) {
    const at = [...path, "volumeMounts", index];
    checkVolumeName(found, name, [...at, "name"], known);
    if (!isEmpty(mountPath) && mountPaths.has(mountPath)) {
      found.problem([...at, "mountPath"], `another volume is mounted at ${String(mountPath)}`);
    }
    mountPaths.add(mountPath);
    mounted.add(name);
    if (mountPropagation === "Bidirectional" && recordOf(securityContext)["privileged"] !== true) {
      found.problem([...at, "mountPropagation"], "Bidirectional needs a privileged container");
    }
  }
  for (const [index, { name, devicePath }] of recordsOf(volumeDevices)) {
    const at = [...path, "volumeDevices", index];
    checkVolumeName(found, name, [...at, "name"], known);
    const volume = known.volumes.get(textOf(name));
    if (
      volume !== undefined &&
      !isSet(volume["persistentVolumeClaim"]) &&
      !isSet(volume["ephemeral"])
    ) {
      found.problem([...at, "name"], "a device must be a persistent volume claim or ephemeral");
    }
    if (!isEmpty(name) && mounted.has(name)) {
      found.problem([...at, "name"], `the volume ${JSON.stringify(name)} is mounted too`);
    }
    if (!isEmpty(devicePath) && mountPaths.has(devicePath)) {
      found.problem([...at, "devicePath"], `a volume is mounted at ${String(devicePath)}`);
    }
  }
  for (const [index, { valueFrom }] of recordsOf(fields["env"])) {
    const reference = recordOf(recordOf(valueFrom)["fileKeyRef"]);
    const at = [...path, "env", index, "valueFrom", "fileKeyRef", "volumeName"];
    checkVolumeName(found, reference["volumeName"], at, { ...known, moreVolumes: [] });
  }
}

function checkVolumeName(
  found: Findings,
  name: unknown,
  path: Path,
  { volumes, moreVolumes }: Volumes,
): void {
  if (typeof name !== "string" || name === "") return;
  // A volume without a name may be the one.
  if (volumes.has(name) || volumes.has("") || moreVolumes.includes(name)) return;
  const names = [...volumes.keys(), ...moreVolumes].map((known) => JSON.stringify(known));
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  found.problem(path, `the pod has no volume ${JSON.stringify(name)}: ${known}`);
}

function checkClaims(
  found: Findings,
  fields: Fields,
  path: Path,
  known: ReadonlySet<unknown>,
): void {
  if (known.has(undefined) || known.has("")) return;
  for (const [index, { name }] of recordsOf(recordOf(fields["resources"])["claims"])) {
    if (typeof name !== "string" || name === "" || known.has(name)) continue;
    const at = [...path, "resources", "claims", index, "name"];
    found.problem(at, `the pod has no resource claim ${JSON.stringify(name)}`);
  }
}

const probes = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

function checkProbes(found: Findings, fields: Fields, path: Path, isInit: boolean): void {
  if (isInit && fields["restartPolicy"] !== "Always") {
    for (const name of [...probes, "lifecycle"]) {
      if (isSet(fields[name])) {
        found.problem([...path, name], `"${name}" needs restartPolicy Always in an init container`);
      }
    }
    return;
  }
  for (const name of probes) {
    const { successThreshold, terminationGracePeriodSeconds } = recordOf(fields[name]);
    if (name === "readinessProbe") {
      if (isSet(terminationGracePeriodSeconds)) {
        const at = [...path, name, "terminationGracePeriodSeconds"];
        found.problem(at, "a readiness probe cannot have it");
      }
    } else if (!isEmpty(successThreshold) && successThreshold !== 1) {
      found.expected([...path, name, "successThreshold"], "1", successThreshold);
    }
  }
}

function checkPortNames(found: Findings, fields: Fields, path: Path): void {
  reportRepeated(found, fields["ports"], [...path, "ports"], ({ name }) =>
    typeof name === "string" && name !== "" ? `name ${JSON.stringify(name)}` : "",
  );
}
