// The least that a receiver can do: reads the body, parses it, and answers always the same.

import { PASS } from './receiver.mjs';

const answer = JSON.stringify(PASS);

export function answerBare(req, res) {
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
}
