// What one writes with Fastify and no package for it: a route with schemas; the signature is not checked.

import { fastify } from 'fastify';
import { PASS, path } from './receiver.mjs';
import { command, shared } from './schemas.mjs';

const app = fastify({ ajv: { customOptions: { strict: false } } });
for (const schema of shared) app.addSchema(schema);
const answer = {
  type: 'object',
  properties: {
    ActionStatus: { type: 'string' },
    ErrorCode: { type: 'integer' },
    ErrorInfo: { type: 'string' },
  },
};
app.post(path, { schema: { body: command, response: { 200: answer } } }, async () => PASS);
await app.ready();

export default app.server;
