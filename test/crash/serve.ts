/** The server of the receivers that the crash tests kill. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import type { QcloudImRouter } from '../../src/adapters/express.js';

const POLL_MS = 100;

/** Mounts a receiver in an Express app on a free port, and prints the port when it is ready. */
export function serve(im: QcloudImRouter): Server {
  const server: Server = express()
    .use('/im/callback', im)
    .listen(0, '127.0.0.1', async (error) => {
      if (error) throw error;
      // Asked again as a probe does: on a busy machine a connection may take longer than one opening waits for it.
      const isReady = () =>
        im.ready().then(
          () => true,
          () => false,
        );
      while (server.listening && !(await isReady())) await sleep(POLL_MS);
      const { port } = server.address() as AddressInfo;
      console.log(`listening on ${port}`);
    });
  return server;
}
