/** Gives each field of a body one type, as the plan of its command says. Part of the validate stage. */

import { isRecord } from '../base/record.js';

/** What happens to a field that the wire knows in two types. */
export type Conversion = 'string' | 'integer' | 'number' | 'boolean';

/** Which fields of a value change; generated from the `x-as` keywords of the schemas. */
export type Plan =
  | Conversion
  /** A plan by name, because several commands share it or because it holds itself. */
  | `#${string}`
  /** An array; with `wrap` a lone string becomes an array of it. */
  | { readonly wrap?: boolean; readonly items?: Plan }
  /** An object; where `by` is given, further fields depend on the text in that field. */
  | {
      readonly fields: Readonly<Record<string, Plan>>;
      readonly by?: string;
      readonly cases?: Readonly<Record<string, Plan>>;
    };

/** Returns the value to put in the place of the given one, which is often the same. */
export type Normalize = (value: unknown) => unknown;

const DIGITS = /^-?[0-9]{1,16}$/;
/** The pattern of `schemas/shared/decimal.json`; what it lets through is finite. */
const DECIMAL = /^-?[0-9]{1,16}(?:\.[0-9]{1,32})?(?:[eE][+-]?[0-9]{1,2})?$/;

const conversions: Readonly<Record<Conversion, Normalize>> = {
  // A number that no longer holds its digits stays a number, so that validation refuses it.
  string: (value) => (Number.isSafeInteger(value) ? String(value) : value),
  integer(value) {
    if (typeof value !== 'string' || !DIGITS.test(value)) return value;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  },
  number: (value) => (typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value),
  boolean: (value) => (value === 'true' ? true : value === 'false' ? false : value),
};

/** Turns plans into functions. Shared plans are looked up when they are met, so one may hold itself. */
export function compilePlan(plan: Plan, shared: (name: string) => Normalize): Normalize {
  if (typeof plan === 'string') {
    if (!plan.startsWith('#')) return conversions[plan as Conversion];
    const name = plan.slice(1);
    let found: Normalize | undefined;
    return (value) => {
      found ??= shared(name);
      return found(value);
    };
  }
  if ('fields' in plan) return compileObject(plan, shared);
  const { wrap = false, items } = plan;
  const item = items === undefined ? undefined : compilePlan(items, shared);
  return (value) => {
    const list = wrap && typeof value === 'string' ? [value] : value;
    if (item !== undefined && Array.isArray(list)) {
      for (let index = 0; index < list.length; index++) list[index] = item(list[index]);
    }
    return list;
  };
}

function compileObject(
  plan: Extract<Plan, { fields: unknown }>,
  shared: (name: string) => Normalize,
): Normalize {
  const compile = (fields: Readonly<Record<string, Plan>>) =>
    Object.entries(fields).map(([name, field]) => [name, compilePlan(field, shared)] as const);
  const fields = compile(plan.fields);
  const { by } = plan;
  const cases = new Map(compile(plan.cases ?? {}));
  return (value) => {
    if (!isRecord(value)) return value;
    for (const [name, normalize] of fields) {
      const before = value[name];
      const after = normalize(before);
      if (after !== before) value[name] = after;
    }
    const which = by === undefined ? undefined : value[by];
    if (typeof which === 'string') cases.get(which)?.(value);
    return value;
  };
}
