import type { ApiResource } from "./api-resource.ts";

/** Path of a resource: of one object when a name is given, else of the list. */
export function resourcePath(
  resource: Pick<ApiResource, "group" | "version" | "plural" | "namespaced">,
  namespace?: string,
  name?: string,
): string {
  const { group, version, plural, namespaced } = resource;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const inNamespace = namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const tail = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${inNamespace}/${plural}${tail}`;
}
