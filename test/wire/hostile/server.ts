/** The process that is attacked: Express with every receiver. Tells its port, and on each message its state. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { qcloudIm } from '../../../src/index.js';
import { receivers } from './receivers.js';

/** What the process tells of itself. */
export interface ServerState {
  readonly port: number;
  readonly rssBytes: number;
  readonly connections: number;
  /** Most bytes that were read from one connection that has ended. */
  readonly mostBytesRead: number;
}

const app = express();
for (const [path, options] of Object.entries(receivers)) {
  const im = qcloudIm(options);
  app.use(path, im);
  if (path === '/closed') void im.close();
}
app.use((_req, res) => {
  res.sendStatus(404);
});

const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');

let mostBytesRead = 0;
server.on('connection', (socket) => {
  socket.once('close', () => {
    mostBytesRead = Math.max(mostBytesRead, socket.bytesRead);
  });
});

function tell(): void {
  server.getConnections((_error, connections) => {
    const { port } = server.address() as AddressInfo;
    const state: ServerState = { port, rssBytes: process.memoryUsage.rss(), connections, mostBytesRead };
    process.send?.(state);
  });
}

process.on('message', tell);
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
tell();
