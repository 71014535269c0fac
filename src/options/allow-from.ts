/** Addresses and CIDR ranges that may send callbacks. */

import ipaddr from 'ipaddr.js';
import { ConfigurationError } from '../base/errors.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Whether an IPv4 address is four decimal numbers: `010.0.0.1` is 8.0.0.1 to some, and `10` is 0.0.0.10. */
function isWrittenPlainly(address: string): boolean {
  return address.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(address);
}

function rangeFrom(text: string): Range {
  try {
    if (!isWrittenPlainly(text.replace(/\/.*/, ''))) throw new RangeError('not in the usual notation');
    if (text.includes('/')) {
      const [start, bits] = ipaddr.parseCIDR(text);
      return start instanceof ipaddr.IPv6 && start.isIPv4MappedAddress() && bits >= 96
        ? [start.toIPv4Address(), bits - 96]
        : [start, bits];
    }
    const address = ipaddr.process(text);
    return [address, address.toByteArray().length * 8];
  } catch (cause) {
    throw new ConfigurationError(
      'option_invalid',
      `allowFrom: ${text} is no address and no CIDR range, such as 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32`,
      cause,
    );
  }
}

/**
 * Makes a check of a list. An IPv4 address counts as such also in its IPv6 notation (`::ffff:192.0.2.1`).
 * @throws ConfigurationError `option_invalid`.
 */
export function addressCheckFrom(
  allowFrom: readonly string[] | ((address: string | undefined) => boolean) | undefined,
): ((address: string | undefined) => boolean) | undefined {
  if (allowFrom === undefined || typeof allowFrom === 'function') return allowFrom;
  if (!Array.isArray(allowFrom)) {
    throw new ConfigurationError(
      'option_invalid',
      'allowFrom must be a list of addresses and ranges, or a function',
    );
  }
  const ranges = (allowFrom as readonly string[]).map(rangeFrom);
  return (text) => {
    if (text === undefined || !isWrittenPlainly(text) || !ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  };
}
