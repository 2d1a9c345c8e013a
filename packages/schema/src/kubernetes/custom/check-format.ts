import { cidr, isIPv4, isIPv6 } from "../rules/addresses.ts";
import { ownOf } from "../rules/rule.ts";

/**
 * What a format of OpenAPI asks of a text that does not have it. Formats that the API server does not
 * know have no meaning; of those that it knows, the ones that modules use are checked.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */
export function expectedByFormat(format: string, value: string): string | undefined {
  const rule = ownOf(formats, format.replaceAll("-", ""));
  return rule === undefined || rule.fits(value) ? undefined : rule.expected;
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d([.,]\d+)?([Zz]|[+-]\d\d:?\d\d)$/;

const formats: Readonly<
  Record<string, { readonly expected: string; readonly fits: (value: string) => boolean }>
> = {
  ipv4: { expected: 'an IPv4 address such as "10.1.2.3"', fits: isIPv4 },
  ipv6: { expected: 'an IPv6 address such as "fd00::1"', fits: isIPv6 },
  cidr: { expected: cidr.expected, fits: (value) => cidr.fits(value) },
  uuid: { expected: "a UUID", fits: (value) => uuid.test(value) },
  date: {
    expected: 'a date such as "2026-01-31"',
    fits: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
  },
  datetime: {
    expected: 'a time such as "2026-01-31T12:00:00Z"',
    fits: (value) => dateTime.test(value),
  },
};
