// The floor of Koa: does what the bare server does, on one path.

import { createServer } from 'node:http';
import Koa from 'koa';
import { PASS, path } from './receiver.mjs';

const app = new Koa();
app.use(async (ctx, next) => {
  if (ctx.path !== path) return next();
  const chunks = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  JSON.parse(Buffer.concat(chunks).toString());
  ctx.body = PASS;
});

export default createServer(app.callback());
