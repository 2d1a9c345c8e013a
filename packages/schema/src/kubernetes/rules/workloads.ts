import { cronProblem, isTimeZone } from "./cron.ts";
import {
  atLeast,
  countOrPercent,
  dnsLabel,
  evenEmpty,
  oneOf,
  qualifiedName,
  matching,
} from "./formats.ts";
import { checkName, isEmptySelector, selects } from "./metadata.ts";
import {
  type Fields,
  type Findings,
  type RuleTable,
  isEmpty,
  isRecord,
  isSet,
  listOf,
  recordOf,
  recordsOf,
  textOf,
} from "./rule.ts";

const counts = {
  replicas: atLeast(0),
  minReadySeconds: atLeast(0),
};

const countsWithHistory = { ...counts, revisionHistoryLimit: atLeast(0) };

const needsSpec = { filled: ["spec"] };

const always = oneOf("Always");

export const workloadRules: RuleTable = {
  "api.apps.v1.DeploymentSpec": {
    formats: countsWithHistory,
    check(spec, found) {
      checkTemplate(spec, found);
      const { minReadySeconds = 0, progressDeadlineSeconds = 600 } = spec;
      if (Number(progressDeadlineSeconds) <= Number(minReadySeconds)) {
        const path = ["progressDeadlineSeconds"];
        found.expected(
          path,
          `more than minReadySeconds, which is ${String(minReadySeconds)}`,
          progressDeadlineSeconds,
        );
      }
    },
  },
  "api.apps.v1.DeploymentStrategy": {
    check({ type, rollingUpdate }, found) {
      if (type === "Recreate" && isSet(rollingUpdate)) {
        found.problem(
          ["rollingUpdate"],
          '"rollingUpdate" must be left out where the type is Recreate',
        );
      }
    },
  },
  "api.apps.v1.RollingUpdateDeployment": {
    formats: { maxSurge: countOrPercent, maxUnavailable: atMostAll() },
    check({ maxSurge, maxUnavailable }, found) {
      if (isZero(maxSurge) && isZero(maxUnavailable)) {
        found.problem(["maxUnavailable"], '"maxUnavailable" cannot be 0 where maxSurge is 0');
      }
    },
  },
  "api.apps.v1.Deployment": needsSpec,
  "api.apps.v1.DaemonSet": needsSpec,
  "api.apps.v1.ReplicaSet": needsSpec,
  "api.core.v1.ReplicationController": needsSpec,
  "api.batch.v1.Job": { ...needsSpec, check: checkIndexedName },
  "api.batch.v1.JobTemplateSpec": needsSpec,
  "api.apps.v1.ReplicaSetSpec": { formats: counts, check: checkTemplate },
  "api.apps.v1.StatefulSet": { ...needsSpec, check: checkName(dnsLabel) },
  "api.apps.v1.StatefulSetSpec": {
    formats: { ...counts, serviceName: dnsLabel },
    check(spec, found) {
      checkTemplate(spec, found);
      for (const [index, claim] of recordsOf(spec["volumeClaimTemplates"])) {
        const name = textOf(recordOf(claim["metadata"])["name"]);
        if (!dnsLabel.fits(name)) {
          found.expected(
            ["volumeClaimTemplates", index, "metadata", "name"],
            dnsLabel.expected,
            name,
          );
        }
      }
    },
  },
  "api.apps.v1.StatefulSetOrdinals": { formats: { start: atLeast(0) } },
  "api.apps.v1.StatefulSetUpdateStrategy": { check: checkOnDelete },
  "api.apps.v1.RollingUpdateStatefulSetStrategy": {
    formats: { partition: atLeast(0), maxUnavailable: atMostAll() },
  },
  "api.apps.v1.DaemonSetSpec": { formats: countsWithHistory, check: checkTemplate },
  "api.apps.v1.RollingUpdateDaemonSet": {
    formats: { maxSurge: atMostAll(), maxUnavailable: atMostAll() },
    check({ maxSurge = 0, maxUnavailable = 1 }, found) {
      if (isZero(maxSurge) && isZero(maxUnavailable)) {
        found.problem(["maxUnavailable"], '"maxUnavailable" cannot be 0 where maxSurge is 0');
      } else if (!isZero(maxSurge) && !isZero(maxUnavailable)) {
        found.problem(["maxSurge"], '"maxSurge" can only be used where maxUnavailable is 0');
      }
    },
  },
  "api.apps.v1.ControllerRevision": { filled: ["data"], formats: { revision: atLeast(0) } },
  "api.core.v1.ReplicationControllerSpec": {
    formats: counts,
    check(spec, found) {
      const { selector, template } = spec;
      const labels = recordOf(recordOf(template)["metadata"])["labels"];
      if (!isSet(template)) found.problem(["template"], 'required field "template" is missing');
      const chosen = Object.keys(recordOf(selector)).length === 0 ? labels : selector;
      if (!selects({ matchLabels: chosen }, labels)) reportMismatch(found);
      if (Object.keys(recordOf(chosen)).length === 0) {
        found.problem(["selector"], "the selector must not be empty");
      }
      checkRestart(spec, found);
    },
  },
  "api.batch.v1.JobSpec": {
    formats: {
      parallelism: atLeast(0),
      completions: atLeast(0),
      activeDeadlineSeconds: atLeast(0),
      backoffLimit: atLeast(0),
      backoffLimitPerIndex: atLeast(0),
      maxFailedIndexes: atLeast(0),
      ttlSecondsAfterFinished: atLeast(0),
    },
    check: checkJob,
  },
  "api.batch.v1.PodFailurePolicyRule": {
    filled: ["action"],
    check({ onExitCodes, onPodConditions }, found) {
      const given = Number(isSet(onExitCodes)) + Number(!isEmpty(onPodConditions));
      if (given !== 1) found.problem([], "one of onExitCodes and onPodConditions is required");
    },
  },
  "api.batch.v1.PodFailurePolicyOnExitCodesRequirement": {
    filled: ["operator", "values"],
    check({ operator, values }, found) {
      const codes = listOf(values) as readonly number[];
      if (operator === "In" && codes.includes(0))
        found.problem(["values"], "0 cannot be among the exit codes of In");
      if (codes.some((code, index) => index > 0 && code <= codes[index - 1]!)) {
        found.problem(["values"], "the exit codes must be in ascending order, each once");
      }
    },
  },
  "api.batch.v1.PodFailurePolicyOnPodConditionsPattern": {
    formats: {
      type: evenEmpty(qualifiedName),
      status: oneOf("True", "False", "Unknown"),
    },
  },
  "api.batch.v1.CronJob": {
    ...needsSpec,
    check: checkName(
      matching(
        "a lower-case DNS name, at most 52 characters",
        /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
        52,
      ),
    ),
  },
  "api.batch.v1.CronJobSpec": {
    filled: ["schedule", "jobTemplate"],
    formats: {
      startingDeadlineSeconds: atLeast(0),
      successfulJobsHistoryLimit: atLeast(0),
      failedJobsHistoryLimit: atLeast(0),
    },
    check({ schedule, timeZone, jobTemplate }, found) {
      if (typeof schedule === "string" && schedule !== "") {
        const problem = cronProblem(schedule);
        if (problem !== undefined) found.problem(["schedule"], problem);
      }
      if (typeof timeZone === "string" && !isTimeZone(timeZone)) {
        found.expected(["timeZone"], 'a time zone such as "Europe/Paris"', timeZone);
      }
      const { selector, manualSelector } = recordOf(recordOf(jobTemplate)["spec"]);
      if (isSet(selector)) {
        found.problem(
          ["jobTemplate", "spec", "selector"],
          "the selector is generated for each job",
        );
      }
      if (manualSelector === true) {
        found.problem(
          ["jobTemplate", "spec", "manualSelector"],
          "the selector is generated for each job",
        );
      }
    },
  },
};

function atMostAll() {
  return {
    ...countOrPercent,
    expected: 'a number of at least 0, or a percentage up to "100%"',
    fits: (value: string | number) =>
      countOrPercent.fits(value) &&
      (typeof value === "number" || Number.parseInt(value, 10) <= 100),
  };
}

function isZero(value: unknown): boolean {
  return value === 0 || (typeof value === "string" && /^0+%$/.test(value));
}

function checkOnDelete({ type, rollingUpdate }: Fields, found: Findings): void {
  if (type === "OnDelete" && isSet(rollingUpdate)) {
    found.problem(["rollingUpdate"], '"rollingUpdate" must be left out where the type is OnDelete');
  }
}

/** What all that keep pods running ask of their template. */
function checkTemplate(spec: Fields, found: Findings): void {
  const { selector, template } = spec;
  if (isEmptySelector(selector)) found.problem(["selector"], "the selector must not be empty");
  if (
    isRecord(selector) &&
    isRecord(template) &&
    !selects(selector, recordOf(recordOf(template)["metadata"])["labels"])
  ) {
    reportMismatch(found);
  }
  if (!isSet(template)) found.problem(["template"], 'required field "template" is missing');
  checkRestart(spec, found);
}

function reportMismatch(found: Findings): void {
  found.problem(
    ["template", "metadata", "labels"],
    "the labels of the template do not match the selector",
  );
}

function checkRestart({ template }: Fields, found: Findings): void {
  const { restartPolicy, activeDeadlineSeconds } = recordOf(recordOf(template)["spec"]);
  const path = ["template", "spec"];
  if (typeof restartPolicy === "string" && restartPolicy !== "" && !always.fits(restartPolicy)) {
    found.expected([...path, "restartPolicy"], '"Always"', restartPolicy);
  }
  if (isSet(activeDeadlineSeconds)) {
    found.problem([...path, "activeDeadlineSeconds"], "only the pods of jobs can have a deadline");
  }
}

function checkRestartOfJob({ template, podFailurePolicy }: Fields, found: Findings): void {
  const { restartPolicy } = recordOf(recordOf(template)["spec"]);
  const path = ["template", "spec", "restartPolicy"];
  if (isEmpty(restartPolicy) || restartPolicy === "Always") {
    found.problem(path, "the pods of a job need the restart policy OnFailure or Never");
  } else if (isSet(podFailurePolicy) && restartPolicy !== "Never") {
    found.expected(path, '"Never", for there is a podFailurePolicy', restartPolicy);
  }
}

function checkJob(spec: Fields, found: Findings): void {
  if (isRecord(spec["template"])) checkRestartOfJob(spec, found);
  const { completionMode, podFailurePolicy, podReplacementPolicy } = spec;
  if (completionMode === "Indexed") {
    checkIndexed(spec, found);
  } else {
    for (const name of ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"]) {
      if (isSet(spec[name])) found.problem([name], `"${name}" needs completionMode Indexed`);
    }
  }
  if (isSet(spec["maxFailedIndexes"]) && !isSet(spec["backoffLimitPerIndex"])) {
    found.problem(["backoffLimitPerIndex"], "it is required beside maxFailedIndexes");
  }
  if (isSet(podFailurePolicy) && isSet(podReplacementPolicy) && podReplacementPolicy !== "Failed") {
    found.expected(
      ["podReplacementPolicy"],
      '"Failed", for there is a podFailurePolicy',
      podReplacementPolicy,
    );
  }
  checkFailurePolicy(spec, found);
}

/** The names of pods become host names, and the name of a job a label. */
function checkIndexedName({ metadata, spec }: Fields, found: Findings): void {
  const name = textOf(recordOf(metadata)["name"]);
  const { completionMode, completions } = recordOf(spec);
  const isIndexed = completionMode === "Indexed" && Number(completions) > 0;
  const longest = isIndexed ? `${name}-${Number(completions) - 1}` : name;
  if (isIndexed ? !dnsLabel.fits(longest) : name.length > 63) {
    found.expected(["metadata", "name"], dnsLabel.expected, longest);
  }
}

function checkIndexed(spec: Fields, found: Findings): void {
  const { parallelism, maxFailedIndexes } = spec;
  // Without both, the API server fills in 1.
  const completions = spec["completions"] ?? (isSet(parallelism) ? undefined : 1);
  if (!isSet(completions)) {
    found.problem(["completions"], 'required field "completions" is missing: the job is Indexed');
  }
  if (Number(parallelism) > 100_000) found.expected(["parallelism"], "at most 100000", parallelism);
  if (Number(maxFailedIndexes) > Number(completions)) {
    found.expected(["maxFailedIndexes"], "at most completions", maxFailedIndexes);
  }
  checkSuccess({ ...spec, completions }, found);
}

function checkFailurePolicy(
  { template, podFailurePolicy, backoffLimitPerIndex }: Fields,
  found: Findings,
): void {
  const pod = recordOf(recordOf(template)["spec"]);
  const names = [...recordsOf(pod["containers"]), ...recordsOf(pod["initContainers"])].map(
    ([, { name }]) => name,
  );
  for (const [index, { action, onExitCodes }] of recordsOf(recordOf(podFailurePolicy)["rules"])) {
    const path = ["podFailurePolicy", "rules", index];
    if (action === "FailIndex" && !isSet(backoffLimitPerIndex)) {
      found.problem([...path, "action"], "FailIndex needs backoffLimitPerIndex");
    }
    const { containerName } = recordOf(onExitCodes);
    if (typeof containerName === "string" && !names.includes(containerName)) {
      const message = `the pod has no container ${JSON.stringify(containerName)}`;
      found.problem([...path, "onExitCodes", "containerName"], message);
    }
  }
}

const indexes = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

function checkSuccess({ successPolicy, completions }: Fields, found: Findings): void {
  if (!isRecord(successPolicy)) return;
  const rules = recordsOf(successPolicy["rules"]);
  if (rules.length === 0) found.problem(["successPolicy", "rules"], "a rule is required");
  for (const [at, { succeededCount, succeededIndexes }] of rules) {
    const path = ["successPolicy", "rules", at];
    if (!isSet(succeededCount) && !isSet(succeededIndexes)) {
      found.problem(path, "one of succeededCount and succeededIndexes is required");
    }
    if (Number(succeededCount) < 0 || Number(succeededCount) > Number(completions)) {
      found.expected([...path, "succeededCount"], "a number from 0 to completions", succeededCount);
    }
    if (typeof succeededIndexes !== "string" || succeededIndexes === "") continue;
    const numbers = succeededIndexes.split(/[,-]/).map(Number);
    const isAscending = numbers.every((value, index) => index === 0 || value > numbers[index - 1]!);
    if (
      !indexes.test(succeededIndexes) ||
      !isAscending ||
      Math.max(...numbers) >= Number(completions)
    ) {
      const expected = 'ascending indexes below completions, such as "0,2-4"';
      found.expected([...path, "succeededIndexes"], expected, succeededIndexes);
    }
  }
}
