// The floor: reads the body, parses it, and answers always the same.

import { createServer } from 'node:http';
import { PASS } from './receiver.mjs';

const answer = JSON.stringify(PASS);

export default createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    res.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(answer),
    });
    res.end(answer);
  });
});
