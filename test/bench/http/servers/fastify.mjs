import { fastify } from 'fastify';
import { ok, qcloudIm } from 'qcloud-im-callback/fastify';
import { path, receiverOptions } from './receiver.mjs';

const app = fastify();
app.register(qcloudIm(receiverOptions(ok)), { prefix: path });
await app.ready();

export default app.server;
