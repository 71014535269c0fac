import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBody } from '../../src/pipeline/body.js';
import { COMMANDS, findCommand } from '../../src/protocol/commands.js';
import { compilePlan, type Normalize, type Plan } from '../../src/protocol/normalize.js';

const field = fc.constantFrom('a', 'b', 'Type', '__proto__', 'constructor');
const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Plan>('string', 'integer', 'number', 'boolean', '#self'),
    fc.record({ wrap: fc.boolean(), items: tie('plan') }),
    fc.record(
      {
        fields: fc.dictionary(field, tie('plan'), { maxKeys: 3 }),
        by: fc.constant('Type'),
        cases: fc.dictionary(fc.string({ maxLength: 3 }), tie('plan'), { maxKeys: 3 }),
      },
      { requiredKeys: ['fields'] },
    ),
  ),
}));

const unknownName = (name: string): Normalize => {
  throw new Error(`no plan ${name}`);
};

/** The plan `self` is one that holds itself. */
function shared(name: string): Normalize {
  if (name !== 'self') return unknownName(name);
  const self: Normalize = compilePlan({ fields: { a: '#self', b: 'string' } }, () => self);
  return self;
}

it('a value of any form is normalized without a throw, and a second time without a change', () => {
  fc.assert(
    fc.property(plan, fc.jsonValue(), (of, value) => {
      const normalize = compilePlan(of, shared);
      const once = normalize(structuredClone(value));
      const twice = normalize(structuredClone(once));
      expect(twice).toEqual(once);
    }),
  );
});

it('an id keeps its digits, whether it comes as text or as a number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (digits) => {
      const { value } = decodeBody(`{"id":${digits}}`, 1_000);
      expect(compilePlan({ fields: { id: 'string' } }, unknownName)(value)).toEqual({ id: String(digits) });
    }),
  );
});

it('a counter becomes a number exactly when no digit is lost', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (integer) => {
      const after = compilePlan('integer', unknownName)(String(integer));
      const safe = Number.isSafeInteger(Number(integer));
      expect(after).toBe(safe ? Number(integer) : String(integer));
    }),
  );
});

it("the commands' own plans take any body, and change it at most once", () => {
  const body = fc.dictionary(
    fc.oneof(
      fc.constantFrom('GroupId', 'MsgBody', 'Events', 'MsgTime', 'From_Account', 'Info', '__proto__'),
      fc.string(),
    ),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...COMMANDS.map(({ name }) => name)), body, (name, value) => {
      const normalize = findCommand(name)?.normalize ?? (() => undefined);
      const once = normalize(structuredClone(value));
      expect(normalize(structuredClone(once))).toEqual(once);
    }),
    { numRuns: 300 },
  );
});
