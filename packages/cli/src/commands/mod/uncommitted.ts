/** The warning that a module is not what the commit says that is annotated. */
export function uncommitted(path: string): string {
  return `${path} holds changes that are not committed: the commit that its annotations name lacks them`;
}
