// The schema of the callback as somebody uses it who has no more than the schemas of this package.

import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../../../schemas/', import.meta.url);

function read(file) {
  // Fastify knows draft 7 only. Both drafts have all the keywords that are used here.
  const { $schema: _, ...schema } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  return schema;
}

export const command = read('commands/C2C.CallbackBeforeSendMsg.json');

export const shared = readdirSync(new URL('shared/', folder), { recursive: true })
  .filter((file) => file.endsWith('.json'))
  .map((file) => read(`shared/${file}`));
