/** Commands that share their first words. */
export interface Group {
  /** Words after `tenon`; empty for the program itself. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
}

/** All groups, the program first. */
export const groups: readonly Group[] = [
  {
    path: "",
    summary: "Typed modules for Kubernetes",
    description:
      "Tenon packages Kubernetes configuration as typed modules, ships them as OCI artifacts and\napplies them with the smallest possible change.",
  },
  {
    path: "mod",
    summary: "Make, check and publish modules",
    description: "Make, check and publish modules.",
  },
  {
    path: "mod show",
    summary: "Print parts of a module",
    description: "Print parts of a module.",
  },
  {
    path: "mod vendor",
    summary: "Add schemas to a module",
    description: "Add schemas to a module, so that it needs nothing else to be evaluated.",
  },
  {
    path: "artifact",
    summary: "Push, sign, look into, copy and delete artifacts of any kind",
    description:
      "Push files to registries and pull them, and look into, tag, sign, verify, copy and delete what\nregistries hold: modules, and artifacts of any other kind.",
  },
  {
    path: "bundle",
    summary: "Work on many instances at once",
    description: "Build, check, apply, watch and delete instances that are declared together.",
  },
  {
    path: "bundle show",
    summary: "Print what belongs to a bundle",
    description: "Print what belongs to a bundle.",
  },
  {
    path: "inspect",
    summary: "Print what the cluster knows about an instance",
    description: "Print what the cluster knows about an instance.",
  },
  {
    path: "registry",
    summary: "Sign in to registries, see how they answer, or run one",
    description: "Sign in to registries, see how they answer, or run one on this machine.",
  },
  {
    path: "runtime",
    summary: "Work with the clusters that bundles go to",
    description: "Work with the clusters that bundles go to, and with the values that they give.",
  },
  {
    path: "trust",
    summary: "See whose artifacts are trusted, and why",
    description: "See whose artifacts the trust policy accepts, and why.",
  },
];
