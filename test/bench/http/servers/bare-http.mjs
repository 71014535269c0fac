// The floor of all.

import { createServer } from 'node:http';
import { answerBare } from './bare.mjs';

export default createServer(answerBare);
