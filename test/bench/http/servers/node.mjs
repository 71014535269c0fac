import { createServer } from 'node:http';
import { ok, qcloudIm } from 'qcloud-im-callback/node';
import { path, receiverOptions } from './receiver.mjs';

export default createServer(qcloudIm({ ...receiverOptions(ok), path }));
