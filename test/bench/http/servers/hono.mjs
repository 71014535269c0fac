import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { ok, qcloudIm } from 'qcloud-im-callback/fetch';
import { path, receiverOptions } from './receiver.mjs';

const im = qcloudIm(receiverOptions(ok), { background: true });
const app = new Hono();
app.post(path, (c) => im(c.req.raw));

export default createAdaptorServer({ fetch: app.fetch });
