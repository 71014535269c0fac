import { createServer } from 'node:http';
import express from 'express';
import { ok, qcloudIm } from 'qcloud-im-callback';
import { path, receiverOptions } from './receiver.mjs';

const app = express();
app.use(path, qcloudIm(receiverOptions(ok)));

export default createServer(app);
