// Schemas → plans that tell src/protocol/normalize.ts which fields get another type.

import type { Plan } from '../../src/protocol/normalize.js';
import { GENERATED, inlineScalars, resolve, type Schema, type Schemas } from './load.js';

/**
 * `Plan` as the generated file declares it, which imports nothing but other generated files. The compiler
 * compares the two where src/protocol/commands.ts takes the plans.
 */
const planType = `type Plan =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | \`#\${string}\`
  | { readonly wrap?: boolean; readonly items?: Plan }
  | { readonly fields: Plans; readonly by?: string; readonly cases?: Plans };

type Plans = { readonly [name: string]: Plan };`;

export function generateNormalizers(schemas: Schemas): string {
  const shared = new Map<string, { name: string; plan?: Plan | undefined }>();

  function planOf(schema: Schema, base: string): Plan | undefined {
    const as = schema['x-as'];
    if (as !== undefined && as !== 'array') return as;
    if (schema.$ref) return sharedPlan(schema.$ref, base);
    const items = schema.items ? planOf(schema.items, base) : undefined;
    if (as === 'array') return { wrap: true, ...(items === undefined ? {} : { items }) };
    if (items !== undefined) return { items };
    const fields: Record<string, Plan> = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const plan = planOf(property, base);
      if (plan !== undefined) fields[name] = plan;
    }
    let by: string | undefined;
    const cases: Record<string, Plan> = {};
    for (const part of schema.allOf ?? []) {
      const [field, test] = Object.entries(part.if?.properties ?? {})[0] ?? [];
      const plan = part.then ? planOf(part.then, base) : undefined;
      if (field === undefined || test?.const === undefined || plan === undefined) continue;
      by = field;
      cases[test.const] = plan;
    }
    if (by !== undefined) return { fields, by, cases };
    return Object.keys(fields).length > 0 ? { fields } : undefined;
  }

  function sharedPlan(ref: string, base: string): Plan | undefined {
    const id = new URL(ref, base).href;
    const known = shared.get(id);
    if (known) return `#${known.name}` as const;
    const entry: { name: string; plan?: Plan | undefined } = {
      name: id.replace(/^.*\/shared\//, '').replace('.json', ''),
    };
    shared.set(id, entry);
    entry.plan = planOf(inlineScalars(resolve(ref, base, schemas), id, schemas), id);
    if (entry.plan === undefined) {
      shared.delete(id);
      return undefined;
    }
    return `#${entry.name}` as const;
  }

  const commands: Record<string, Plan> = {};
  for (const [command, schema] of schemas.commands) {
    const base = schema.$id ?? '';
    commands[command] = planOf(inlineScalars(schema, base, schemas), base) ?? { fields: {} };
  }
  const sharedPlans = Object.fromEntries([...shared.values()].map(({ name, plan }) => [name, plan]));
  return [
    GENERATED,
    "import type { CallbackBodies } from './types.js';",
    '',
    planType,
    '',
    `export const sharedPlans: Plans = ${JSON.stringify(sharedPlans, null, 1)};`,
    '',
    `export const commandPlans: Readonly<Record<keyof CallbackBodies, Plan>> = ${JSON.stringify(commands, null, 1)};`,
    '',
  ].join('\n');
}
