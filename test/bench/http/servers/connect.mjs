import { createServer } from 'node:http';
import connect from 'connect';
import { ok, qcloudIm } from 'qcloud-im-callback/node';
import { path, receiverOptions } from './receiver.mjs';

const app = connect();
app.use(path, qcloudIm(receiverOptions(ok)));

export default createServer(app);
