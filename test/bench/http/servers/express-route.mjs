// What one writes with Express and no package for it: the body is checked, the signature is not.

import { createServer } from 'node:http';
import { Ajv } from 'ajv';
import express from 'express';
import { PASS, path } from './receiver.mjs';
import { command, shared } from './schemas.mjs';

const validate = new Ajv({ strict: false, schemas: shared }).compile(command);

const app = express();
app.use(express.json({ limit: '1mb' }));
app.post(path, (req, res) => {
  if (validate(req.body)) res.json(PASS);
  else res.status(400).json({ ActionStatus: 'FAIL', ErrorCode: 1, ErrorInfo: 'not a callback' });
});

export default createServer(app);
