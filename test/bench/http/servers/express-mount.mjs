// The floor of Express: does what the bare server does, behind a mount path.

import { createServer } from 'node:http';
import express from 'express';
import { answerBare } from './bare.mjs';
import { path } from './receiver.mjs';

const app = express();
app.use(path, answerBare);

export default createServer(app);
