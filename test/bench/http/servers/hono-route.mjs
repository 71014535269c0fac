// The floor of Hono on Node: does what the bare server does, in a route.

import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { PASS, path } from './receiver.mjs';

const app = new Hono();
app.post(path, async (c) => {
  JSON.parse(await c.req.text());
  return c.json(PASS);
});

export default createAdaptorServer({ fetch: app.fetch });
