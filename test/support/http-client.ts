/** A plain HTTP client for tests: sends what it is told, also half of it, and keeps what came back. */

import http from 'node:http';
import { text } from 'node:stream/consumers';

/** A request, byte by byte. */
export interface HttpRequest {
  /** Default: POST. */
  readonly method?: string;
  /** Default: the path of the receiver. */
  readonly path?: string;
  readonly query: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent. Its length is declared unless the headers do that. */
  readonly body?: string | Uint8Array;
  /**
   * What happens when the body was sent. `end`: the request ends. `hang`: more seems to come, until the
   * server closes the connection. `cut`: the connection breaks. Default: `end`.
   */
  readonly after?: 'end' | 'hang' | 'cut';
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What a broken request is answered with: nothing. */
export const NO_ANSWER: HttpAnswer = { status: 0, headers: {}, body: '' };

const MOST_MS = 50_000;

function headersOf(message: http.IncomingMessage): HttpAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

/** Where a request goes when it names no path. */
export const OWN_PATH = '/im/callback';

/**
 * Sends a request to a port of 127.0.0.1 and resolves with the answer. After `hang` it resolves once the server has
 * also closed the connection; after `cut` at once.
 */
export async function sendTo(port: number, request: HttpRequest, agent?: http.Agent): Promise<HttpAnswer> {
  const { method = 'POST', path = OWN_PATH, query, headers = {}, body = '', after = 'end' } = request;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const length = after === 'end' ? { 'content-length': String(bytes.byteLength) } : {};
  return new Promise<HttpAnswer>((resolve, reject) => {
    const sent = http.request({
      host: '127.0.0.1',
      port,
      method,
      path: `${path}?${query}`,
      headers: { connection: 'keep-alive', ...('transfer-encoding' in headers ? {} : length), ...headers },
      signal: AbortSignal.timeout(MOST_MS),
      ...(agent === undefined ? {} : { agent }),
    });
    let answered = false;
    sent.on('response', (message) => {
      answered = true;
      const closed = new Promise<void>((done) => message.socket.once('close', () => done()));
      text(message)
        .then(async (answer) => {
          if (after === 'hang') await closed;
          resolve({ status: message.statusCode ?? 0, headers: headersOf(message), body: answer });
        })
        .catch(reject);
    });
    // Once an answer is there, a connection that breaks is the server's good right.
    sent.on('error', (error) => {
      if (after === 'cut') resolve(NO_ANSWER);
      else if (!answered) reject(error);
    });
    if (after === 'end') sent.end(bytes);
    else {
      sent.write(bytes, () => {
        if (after === 'cut') sent.destroy();
      });
    }
  });
}
