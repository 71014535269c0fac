/**
 * A small proxy that keeps its connections to what is behind it, as nginx does: a request goes to another process only
 * when no connection could be made. One whose connection breaks has failed, because nobody knows what became of it.
 */

import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

const BAD_GATEWAY = 502;

/** Spreads requests over the ports in turn. */
export class KeepingProxy {
  /** The ports in rotation. */
  readonly ports: number[] = [];
  /** Why requests have failed. */
  readonly failures: string[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  #next = 0;

  constructor() {
    this.#server = createServer(async (req, res) => {
      const body = Buffer.concat(await req.toArray());
      this.#next += 1;
      const { ports } = this;
      const inTurn = ports.map((_, index) => ports[(index + this.#next) % ports.length] ?? 0);
      this.#forward(req, body, res, inTurn);
    });
  }

  /** Opens it; gives its port. */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #forward(req: IncomingMessage, body: Buffer, res: ServerResponse, [port, ...others]: number[]): void {
    const { connection, ...headers } = req.headers;
    const { method, url: path } = req;
    const sending = request({ agent: this.#agent, host: '127.0.0.1', port, method, path, headers });
    sending.on('response', async (response) => {
      const answer = Buffer.concat(await response.toArray());
      res.writeHead(response.statusCode ?? BAD_GATEWAY, { 'content-length': answer.byteLength }).end(answer);
    });
    sending.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' && others.length > 0) return this.#forward(req, body, res, others);
      this.failures.push(`${code} on ${sending.reusedSocket ? 'a kept' : 'a new'} connection`);
      res.writeHead(BAD_GATEWAY).end();
    });
    sending.end(body);
  }
}
