import express from 'express';
import { createServer, ok, qcloudIm } from 'qcloud-im-callback';
import { path, receiverOptions } from './receiver.mjs';

const app = express();
app.use(path, qcloudIm(receiverOptions(ok)));

export default createServer(app);
