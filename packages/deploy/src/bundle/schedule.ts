/** Something to be done once: the instance `key` of the cluster `lane`. */
export interface Task {
  readonly lane: string;
  /** Unique in its lane. */
  readonly key: string;
  /** Waves go one after another, from 0. */
  readonly wave: number;
}

/** How a task ended. */
export type Outcome =
  | { readonly state: "done" }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "skipped"; readonly because: SkipReason };

/** Why a task was not started. */
export type SkipReason =
  /** This one, which it depends on, has failed. */
  | { readonly type: "dependency"; readonly on: string }
  /** This one of the same lane has failed, and nothing new was to start after that. */
  | { readonly type: "failure"; readonly of: string }
  /** Its lane could not be opened. */
  | { readonly type: "lane"; readonly error: unknown }
  /** This wave before it failed, by its tasks or by its gate. */
  | { readonly type: "wave"; readonly wave: number; readonly error?: unknown }
  | { readonly type: "aborted" };

/** How tasks are to be carried out. */
export interface ScheduleOptions<T extends Task> {
  /** Tasks at a time in each lane. */
  readonly laneLimit: number;
  /** Tasks at a time in all lanes; as many as the lanes allow unless given. */
  readonly limit?: number | undefined;
  /** After a failure: start nothing more in its lane, or all that does not depend on it. */
  readonly onFailure: "stop" | "continue";
  /** Makes a lane ready, and tells which keys each of its tasks comes after. */
  open(lane: string): Promise<ReadonlyMap<string, readonly string[]>>;
  run(task: T): Promise<void>;
  /** Takes the outcome of each task as it comes. */
  onSettled?(task: T, outcome: Outcome): void;
  /** Called when a wave is done, before the next one starts; a rejection keeps that from starting. */
  gate?(wave: number, tasks: readonly T[]): Promise<void>;
  /** Called when a lane is opened, or could not be, and has no task left. It must not reject. */
  close?(lane: string, outcomes: ReadonlyMap<string, Outcome>): Promise<void>;
  /** When it is aborted nothing more starts; what runs is waited for. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries out tasks with bounded parallelism. A task starts as soon as those before it are done;
 * of several that could start, the one that was declared first does.
 *
 * @example
 * const outcomes = await schedule(["staging"], tasks, { laneLimit: 4, onFailure: "stop", open, run });
 */
export async function schedule<T extends Task>(
  lanes: readonly string[],
  tasks: readonly T[],
  options: ScheduleOptions<T>,
): Promise<ReadonlyMap<T, Outcome>> {
  const plan = new Schedule(lanes, tasks, options);
  const onAbort = (): void => plan.advance();
  options.signal?.addEventListener("abort", onAbort);
  try {
    return await plan.run();
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}

interface Lane<T> {
  readonly name: string;
  readonly tasks: ReadonlyMap<string, T>;
  state: "opening" | "open" | "broken";
  error?: unknown;
  after: ReadonlyMap<string, readonly string[]>;
  /** The first of its tasks that failed. */
  failed?: string;
}

class Schedule<T extends Task> {
  readonly #options: ScheduleOptions<T>;
  readonly #tasks: readonly T[];
  readonly #lanes: ReadonlyMap<string, Lane<T>>;
  readonly #outcomes = new Map<T, Outcome>();
  readonly #running = new Set<T>();
  #wave = 0;
  #gate: "none" | "closed" = "none";
  #broken: { readonly wave: number; readonly error?: unknown } | undefined;
  #end: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(lanes: readonly string[], tasks: readonly T[], options: ScheduleOptions<T>) {
    this.#options = options;
    this.#tasks = lanes.flatMap((lane) => tasks.filter((task) => task.lane === lane));
    this.#lanes = new Map(
      lanes.map((name) => {
        const own = tasks.filter(({ lane }) => lane === name);
        const byKey = new Map(own.map((task) => [task.key, task]));
        return [name, { name, tasks: byKey, state: "opening", after: new Map() }];
      }),
    );
  }

  async run(): Promise<ReadonlyMap<T, Outcome>> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    const lanes = [...this.#lanes.values()].map((lane) => this.#attend(lane));
    this.advance();
    await ended;
    await Promise.all(lanes);
    return new Map(this.#tasks.map((task) => [task, this.#outcomes.get(task)!]));
  }

  /** Does whatever has become possible. */
  advance(): void {
    for (let changed = true; changed;) {
      changed = this.#tasks.filter((task) => this.#consider(task)).length > 0;
      changed = this.#nextWave() || changed;
    }
    this.#wakeLanes();
    if (this.#outcomes.size === this.#tasks.length) this.#end();
    else if (this.#isStuck()) this.#fail(new Error("Tasks of a schedule need each other"));
  }

  #isStuck(): boolean {
    const opening = [...this.#lanes.values()].some(({ state }) => state === "opening");
    return !opening && this.#running.size === 0 && this.#gate === "none";
  }

  readonly #closers = new Map<string, () => void>();

  /** Opens a lane, and closes it when its last task has ended. */
  async #attend(lane: Lane<T>): Promise<void> {
    const emptied = new Promise<void>((resolve) => this.#closers.set(lane.name, resolve));
    try {
      lane.after = await this.#options.open(lane.name);
      lane.state = "open";
    } catch (error) {
      lane.state = "broken";
      lane.error = error;
    }
    this.advance();
    await emptied;
    const outcomes = [...lane.tasks].map(
      ([key, task]) => [key, this.#outcomes.get(task)!] as const,
    );
    await this.#options.close?.(lane.name, new Map(outcomes));
  }

  #wakeLanes(): void {
    for (const lane of this.#lanes.values()) {
      const left = [...lane.tasks.values()].some((task) => !this.#outcomes.has(task));
      if (!left) this.#closers.get(lane.name)?.();
    }
  }

  /** Starts or skips a task if its time has come; tells whether it did. */
  #consider(task: T): boolean {
    if (this.#outcomes.has(task) || this.#running.has(task)) return false;
    const lane = this.#lanes.get(task.lane)!;
    const because = this.#reasonToSkip(task, lane);
    if (because !== undefined) {
      this.#settle(task, { state: "skipped", because });
      return true;
    }
    if (!this.#isReady(task, lane)) return false;
    this.#running.add(task);
    void this.#execute(task, lane);
    return true;
  }

  #reasonToSkip(task: T, lane: Lane<T>): SkipReason | undefined {
    if (this.#options.signal?.aborted) return { type: "aborted" };
    if (lane.state === "broken") return { type: "lane", error: lane.error };
    for (const key of lane.after.get(task.key) ?? []) {
      const outcome = this.#outcomeOf(lane, key);
      if (outcome?.state === "failed") return { type: "dependency", on: key };
      // Who depends on a task that was skipped is skipped for the same reason, named at its root.
      if (outcome?.state === "skipped") return outcome.because;
    }
    if (this.#options.onFailure === "stop" && lane.failed !== undefined) {
      return { type: "failure", of: lane.failed };
    }
    const broken = this.#broken;
    if (broken !== undefined && task.wave > broken.wave) return { type: "wave", ...broken };
    return undefined;
  }

  #isReady(task: T, lane: Lane<T>): boolean {
    if (lane.state !== "open" || task.wave > this.#wave) return false;
    const { limit = Number.POSITIVE_INFINITY, laneLimit } = this.#options;
    if (this.#running.size >= limit) return false;
    const busy = [...this.#running].filter((other) => other.lane === task.lane).length;
    if (busy >= laneLimit) return false;
    const after = lane.after.get(task.key) ?? [];
    // What is not in the plan is not waited for.
    return after.every((key) => !lane.tasks.has(key) || this.#outcomeOf(lane, key) !== undefined);
  }

  async #execute(task: T, lane: Lane<T>): Promise<void> {
    let outcome: Outcome = { state: "done" };
    try {
      await this.#options.run(task);
    } catch (error) {
      outcome = { state: "failed", error };
      lane.failed ??= task.key;
    }
    this.#running.delete(task);
    this.#settle(task, outcome);
    this.advance();
  }

  #settle(task: T, outcome: Outcome): void {
    this.#outcomes.set(task, outcome);
    this.#options.onSettled?.(task, outcome);
  }

  /** Goes to the next wave, by way of the gate, when this one is over; tells whether it did. */
  #nextWave(): boolean {
    if (this.#gate === "closed" || this.#broken !== undefined) return false;
    if (!this.#tasks.some(({ wave }) => wave > this.#wave)) return false;
    const tasks = this.#tasks.filter(({ wave }) => wave === this.#wave);
    const outcomes = tasks.map((task) => this.#outcomes.get(task));
    if (outcomes.includes(undefined)) return false;
    if (outcomes.some((outcome) => outcome?.state !== "done")) {
      this.#broken = { wave: this.#wave };
    } else if (tasks.length === 0 || this.#options.gate === undefined) {
      this.#wave++;
    } else {
      this.#gate = "closed";
      void this.#pass(this.#options.gate(this.#wave, tasks));
      return false;
    }
    return true;
  }

  async #pass(gate: Promise<void>): Promise<void> {
    try {
      await gate;
      this.#wave++;
    } catch (error) {
      this.#broken = { wave: this.#wave, error };
    }
    this.#gate = "none";
    this.advance();
  }

  #outcomeOf(lane: Lane<T>, key: string): Outcome | undefined {
    const task = lane.tasks.get(key);
    return task === undefined ? undefined : this.#outcomes.get(task);
  }
}
