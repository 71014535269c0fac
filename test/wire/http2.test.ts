/** HTTP/2 without TLS, as load balancers speak it to their servers: bodies come without a length. */

import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { qcloudIm } from '../../src/node.js';
import { refuse } from '../../src/protocol/answers.js';
import { sampleBody } from '../../src/testing.js';
import { baseOptions, signedQueryFor } from '../support/requests.js';

const COMMAND = 'C2C.CallbackBeforeSendMsg';

let server: http2.Http2Server | undefined;
let client: http2.ClientHttp2Session | undefined;

afterEach(async () => {
  client?.close();
  if (server === undefined) return;
  server.close();
  await once(server, 'close');
});

async function start(bodyLimit?: number): Promise<void> {
  const im = qcloudIm({ ...baseOptions, bodyLimit, handlers: { [COMMAND]: () => refuse('seen') } });
  server = http2.createServer(im as never).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function send(parts: readonly string[], headers: object = {}): Promise<[number, string]> {
  const path = `/?${await signedQueryFor(COMMAND)}`;
  const stream = (client as http2.ClientHttp2Session).request({
    ':method': 'POST',
    ':path': path,
    ...headers,
  });
  for (const part of parts) stream.write(part);
  stream.end();
  const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & { ':status': number }];
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return [head[':status'], text];
}

const body = JSON.stringify(sampleBody(COMMAND));

it('takes a body without a length, in one piece or in several', async () => {
  await start();
  for (const parts of [[body], [body.slice(0, 10), body.slice(10)]]) {
    const [status, text] = await send(parts);
    expect([status, JSON.parse(text)]).toMatchObject([200, { ErrorInfo: 'seen' }]);
  }
});

it('takes one with a length, and one that is empty for the console trying the URL', async () => {
  await start();
  expect((await send([body], { 'content-length': Buffer.byteLength(body) }))[0]).toBe(200);
  expect(await send([])).toEqual([200, JSON.stringify({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' })]);
});

it('refuses one that is over the limit', async () => {
  await start(10);
  expect((await send([body]))[0]).toBe(413);
});
