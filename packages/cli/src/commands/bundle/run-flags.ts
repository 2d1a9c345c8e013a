/** Flags that say how many instances are worked on at a time, and what a failure means. */
export const runFlags = {
  "max-parallel": {
    type: "integer",
    default: 8,
    min: 1,
    summary:
      "Instances at a time on each cluster; with 1 all go one by one in the order of declaration",
  },
  "on-failure": {
    type: "string",
    choices: ["stop", "continue"],
    default: "stop",
    summary:
      "After a failure: start nothing more on that cluster, or all that does not depend on what failed",
  },
} as const;

/** Flags that say how a bundle is applied. */
export const applyFlags = {
  force: {
    type: "boolean",
    summary: "Delete and create anew objects of which fields would change that cannot",
  },
  "force-conflicts": { type: "boolean", summary: "Take fields that other managers own" },
  "overwrite-ownership": {
    type: "boolean",
    summary: "Take over instances that another bundle, or none, manages",
  },
  prune: {
    type: "boolean",
    default: true,
    summary: "Delete instances that have left the bundle, when all else went well",
  },
} as const;
