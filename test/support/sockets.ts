/** Raw HTTP over real sockets: what a client library would not send, and exactly what comes back. */

import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** Longer than any answer takes; a receiver that hangs fails the test and not the whole run. */
const PATIENCE_MS = 50_000;

/** A server on a free port of 127.0.0.1. */
export interface TestServer {
  readonly server: http.Server;
  readonly port: number;
  /** The server's sides of the connections, in the order in which they came. */
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

/** Starts a server for a listener, or a server that is there. */
export async function listen(listener: RequestListener | http.Server): Promise<TestServer> {
  const server = listener instanceof http.Server ? listener : http.createServer(listener);
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    sockets,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A middleware of Connect, and what Express takes as one. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

/** One HTTP answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Takes one answer off the front of what has come; `undefined`: it is not there in full. */
function takeAnswer(bytes: Buffer, isHead: boolean): { answer: RawAnswer; rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(statusLine)?.[1]);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = isHead || status === 100 ? 0 : Number(headers['content-length'] ?? 0);
  const start = end + 4;
  if (bytes.length < start + length) return undefined;
  return {
    answer: { status, headers, body: bytes.subarray(start, start + length) },
    rest: bytes.subarray(start + length),
  };
}

/** A client that writes bytes as they are. */
export class RawClient {
  readonly socket: Socket;
  /** Settles when the connection is gone, whoever closed it and however. */
  readonly closed: Promise<void>;
  /** What ended the connection, where that was an error. */
  error: (Error & { readonly code?: string }) | undefined;
  /** What came and was not taken. */
  received: Buffer = Buffer.alloc(0);
  readonly #isHead: boolean;

  constructor(port: number, { isHead = false } = {}) {
    this.#isHead = isHead;
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  /** Writes; does not wait until it is sent. */
  write(...parts: readonly (string | Uint8Array)[]): this {
    for (const part of parts) this.socket.write(part);
    return this;
  }

  /** The next answer; rejects when the connection ends without one. */
  async answer(): Promise<RawAnswer> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const taken = takeAnswer(this.received, this.#isHead);
      if (taken !== undefined) {
        this.received = taken.rest;
        return taken.answer;
      }
      if (this.socket.destroyed) {
        throw new Error(`no answer, but ${this.error?.code ?? 'the end'}: ${this.received.toString()}`);
      }
      // An error is told above, once what came before it has been looked at.
      const more = once(this.socket, 'data', { signal }).catch((error: unknown) => {
        if (error !== this.error) throw error;
      });
      await Promise.race([more, this.closed]);
    }
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.socket.destroy();
  }
}

/** The head of a request. Give `content-length` yourself where there is a body. */
export function head(
  target: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** A request with a body of a known length. */
export function requestBytes(
  target: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Buffer {
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return Buffer.concat([Buffer.from(head(target, { ...length, ...headers }, method)), Buffer.from(body)]);
}

/** One chunk of a chunked body; an empty one ends it. */
export function chunk(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n')]);
}

/** Sends one request on a connection of its own and gives its answer. */
export async function exchange(
  port: number,
  ...request: readonly (string | Uint8Array)[]
): Promise<RawAnswer> {
  const client = new RawClient(port);
  try {
    return await client.write(...request).answer();
  } finally {
    client.destroy();
  }
}

/** The JSON of an answer, after checking that it has the documented form. */
export function answerOf({ headers, body }: RawAnswer): Record<string, unknown> {
  const text = body.toString('utf8');
  if (headers['content-type'] !== 'application/json; charset=utf-8') throw new Error(`no JSON: ${text}`);
  if (headers['content-length'] !== String(body.length)) throw new Error(`wrong length: ${text}`);
  const answer = JSON.parse(text) as Record<string, unknown>;
  const { ActionStatus, ErrorCode, ErrorInfo } = answer;
  const isForm =
    (ActionStatus === 'OK' || ActionStatus === 'FAIL') &&
    Number.isSafeInteger(ErrorCode) &&
    typeof ErrorInfo === 'string';
  if (!isForm) throw new Error(`not the documented form: ${text}`);
  return answer;
}
