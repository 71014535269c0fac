/** Addresses and CIDR ranges that may send callbacks. */

import ipaddr from 'ipaddr.js';
import { ConfigurationError } from '../base/errors.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

function rangeFrom(text: string): Range {
  try {
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
      `allowFrom: ${text} is no address and no CIDR range`,
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
    if (text === undefined || !ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  };
}
