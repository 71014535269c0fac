import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { requestFrom } from '../../../src/adapters/node-request.js';

it('takes a request of a platform that leaves out what Node always gives', () => {
  const req = new IncomingMessage(new Socket());
  for (const name of ['url', 'method']) Reflect.deleteProperty(req, name);
  const request = requestFrom(req, new ServerResponse(req), () => undefined, undefined);
  expect(request).toMatchObject({ method: '', query: '', remoteAddress: undefined });
});

it.each([
  [{ 'content-length': '2' }, 1, false],
  [{ 'content-length': '0' }, 1, true],
  [{ 'transfer-encoding': 'chunked' }, 1, false],
  [{}, 1, true],
  [{}, 2, false],
])('tells whether a body is still to come: %o in HTTP/%i', (headers, httpVersionMajor, received) => {
  const req = Object.assign(new IncomingMessage(new Socket()), { headers, httpVersionMajor });
  const request = requestFrom(req, new ServerResponse(req), () => undefined, undefined);
  expect(request.body.received).toBe(received);
});

it('hands on the trace context of a request', () => {
  const req = Object.assign(new IncomingMessage(new Socket()), { headers: { traceparent: 'given' } });
  const request = requestFrom(req, new ServerResponse(req), () => undefined, undefined);
  expect(request.traceparent).toBe('given');
});
