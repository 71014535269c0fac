/** The server of the receivers that the crash tests kill. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { QcloudImRouter } from '../../src/adapters/express.js';

/** Mounts a receiver in an Express app on a free port, and prints the port when it is ready. */
export function serve(im: QcloudImRouter): Server {
  const server: Server = express()
    .use('/im/callback', im)
    .listen(0, '127.0.0.1', async (error) => {
      if (error) throw error;
      await im.ready();
      const { port } = server.address() as AddressInfo;
      console.log(`listening on ${port}`);
    });
  return server;
}
