const fields = [
  { name: "minute", min: 0, max: 59, words: "" },
  { name: "hour", min: 0, max: 23, words: "" },
  { name: "day of month", min: 1, max: 31, words: "" },
  { name: "month", min: 1, max: 12, words: "jan feb mar apr may jun jul aug sep oct nov dec" },
  { name: "day of week", min: 0, max: 6, words: "sun mon tue wed thu fri sat" },
] as const;

const nicknames = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

const duration = /^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$/;

/**
 * Why a cron schedule is none; nothing for one that is.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function cronProblem(schedule: string): string | undefined {
  if (schedule.includes("TZ")) return "a time zone goes into timeZone, not into the schedule";
  if (schedule.startsWith("@")) {
    const every = /^@every (.*)$/.exec(schedule);
    if (nicknames.has(schedule) || (every !== null && duration.test(every[1]!))) return undefined;
    return `expected one of ${[...nicknames].join(", ")}, @every DURATION, got ${JSON.stringify(schedule)}`;
  }
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return `expected 5 fields (minute, hour, day of month, month, day of week), got ${parts.length}: ${JSON.stringify(schedule)}`;
  }
  for (const [index, part] of parts.entries()) {
    const field = fields[index]!;
    if (!part.split(",").every((item) => isRange(item, field))) {
      return `expected a ${field.name} from ${field.min} to ${field.max}, a range, a list or *, got ${JSON.stringify(part)}`;
    }
  }
  return undefined;
}

function isRange(text: string, { min, max, words }: (typeof fields)[number]): boolean {
  const [range, step, ...more] = text.split("/");
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) return false;
  if (range === "*" || range === "?") return true;
  const ends = range!.split("-").map((end) => {
    const word = words === "" ? -1 : words.split(" ").indexOf(end.toLowerCase());
    if (word >= 0) return word + min;
    return /^\d+$/.test(end) ? Number(end) : Number.NaN;
  });
  if (ends.length > 2 || !ends.every((end) => end >= min && end <= max)) return false;
  return ends.length === 1 || ends[0]! <= ends[1]!;
}

/** Tells whether a name stands in the time zone database. */
export function isTimeZone(name: string): boolean {
  if (name === "" || name.toLowerCase() === "local" || /^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
