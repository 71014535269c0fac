import { describe, expect, it } from 'vitest';
import { addressCheckFrom } from '../../../src/options/allow-from.js';

describe('addressCheckFrom', () => {
  it('lets in what is on the list or in a range, and nobody else', () => {
    const check = addressCheckFrom([
      '192.0.2.1',
      '198.51.100.0/24',
      '2001:db8::/32',
      '2001:db9::1',
      '2001:dba::/112',
    ]);
    for (const inside of [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '198.51.100.255',
      '2001:db8:1::1',
      '2001:db9::1',
      '2001:dba::ffff',
    ])
      expect(check?.(inside), inside).toBe(true);
    for (const outside of [
      '192.0.2.2',
      '198.51.101.0',
      '2001:db9::2',
      '2001:dba::1:0',
      '::1',
      'nonsense',
      '',
      undefined,
    ])
      expect(check?.(outside), String(outside)).toBe(false);
  });

  it('takes an IPv4 address on the list in its IPv6 notation', () => {
    expect(addressCheckFrom(['::ffff:192.0.2.1'])?.('192.0.2.1')).toBe(true);
  });

  it('takes a range of IPv4 addresses in its IPv6 notation', () => {
    const check = addressCheckFrom(['::ffff:192.0.2.0/120']);
    for (const inside of ['192.0.2.255', '::ffff:192.0.2.255']) expect(check?.(inside), inside).toBe(true);
    for (const outside of ['192.0.3.0', '::ffff:192.0.3.0']) expect(check?.(outside), outside).toBe(false);
    expect(addressCheckFrom(['::ffff:0:0/96'])?.('192.0.2.1')).toBe(true);
  });

  it.each(['::/0', '::ffff:0:0/95'])('does not take the range %s of IPv6 addresses for IPv4', (range) => {
    const check = addressCheckFrom([range]);
    expect(check?.('::fffe:0:1')).toBe(true);
    expect(check?.('192.0.2.1')).toBe(false);
  });

  it('lets nobody in by an empty list', () => {
    expect(addressCheckFrom([])?.('192.0.2.1')).toBe(false);
  });

  it('passes a function or nothing through', () => {
    const check = () => true;
    expect(addressCheckFrom(check)).toBe(check);
    expect(addressCheckFrom(undefined)).toBeUndefined();
  });

  it.each([
    ['nonsense'],
    ['192.0.2.0/33'],
    ['192.0.2.0/'],
    [''],
    ['010.0.0.1'],
    ['10'],
    ['10/8'],
    ['0x7f.1'],
    ['192.0.2'],
  ])('refuses %j at construction and names it', (entry) => {
    expect(() => addressCheckFrom([entry])).toThrow(`option_invalid: allowFrom: ${entry} is no address`);
  });

  it('refuses what is no list', () => {
    // @ts-expect-error what JavaScript users may pass
    expect(() => addressCheckFrom('192.0.2.1')).toThrow(/^option_invalid: allowFrom must be a list/);
  });
});

it('lets nobody in whose address is written in a way that two readers may understand differently', () => {
  const check = addressCheckFrom(['0.0.0.0/0', '::/0']);
  for (const address of ['010.0.0.1', '10', '0x7f.1', '192.0.2'])
    expect(check?.(address), address).toBe(false);
  expect(check?.('10.0.0.1')).toBe(true);
});
