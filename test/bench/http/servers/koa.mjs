import { createServer } from 'node:http';
import Koa from 'koa';
import { ok, qcloudIm } from 'qcloud-im-callback/koa';
import { path, receiverOptions } from './receiver.mjs';

const app = new Koa();
app.use(qcloudIm({ ...receiverOptions(ok), path }));

export default createServer(app.callback());
