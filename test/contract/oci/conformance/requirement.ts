import type { Wire } from "./wire.ts";

/** One demand of the distribution specification 1.1, and the requests that tell whether it is met. */
export interface Requirement {
  /** Heading of the specification that it stands under. */
  readonly section: string;
  readonly level: "MUST" | "SHOULD" | "MAY";
  /** What is demanded; one of a kind within its section. */
  readonly text: string;
  /** Fails when the demand is not met. */
  check(wire: Wire): Promise<void>;
}

/** The demands of one section. */
export function section(
  name: string,
  requirements: readonly Omit<Requirement, "section">[],
): readonly Requirement[] {
  return requirements.map((requirement) => ({ ...requirement, section: name }));
}

/** How a requirement is named in lists. */
export function nameOf({ section: name, text }: Requirement): string {
  return `${name}: ${text}`;
}
