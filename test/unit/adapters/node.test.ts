import http from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { qcloudIm } from '../../../src/adapters/node.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { sendTo } from '../../support/http-client.js';
import { baseOptions, signedQueryFor } from '../../support/requests.js';

const COMMAND = 'State.StateChange';
const body = JSON.stringify(sampleBody(COMMAND));
const open: http.Server[] = [];

async function listen(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe('the node adapter', () => {
  it('answers on every path when it is given none.', async () => {
    const port = await listen(qcloudIm(baseOptions));
    const query = await signedQueryFor(COMMAND);
    for (const path of ['/', '/any', '/any/where']) {
      expect((await sendTo(port, { path, query, body })).status).toBe(200);
    }
  });

  it('answers exactly its path, and 404 to all others where nobody stands behind it.', async () => {
    const port = await listen(qcloudIm({ ...baseOptions, path: '/im' }));
    const query = await signedQueryFor(COMMAND);
    expect((await sendTo(port, { path: '/im', query, body })).status).toBe(200);
    expect((await sendTo(port, { path: '/im/', query, body })).status).toBe(200);
    expect(await sendTo(port, { path: '/im/x', query, body })).toMatchObject({ status: 404, body: '' });
  });

  it('goes on with other paths, and with requests that have none, where somebody stands behind it.', () => {
    const next = vi.fn<() => void>();
    const middleware = qcloudIm({ ...baseOptions, path: '/im' });
    for (const url of ['/other', undefined]) {
      const req = Object.assign(new http.IncomingMessage(new Socket()), { url });
      const res = new http.ServerResponse(req);
      middleware(req, res, next);
      expect(res.headersSent).toBe(false);
    }
    expect(next.mock.calls).toEqual([[], []]);
  });

  it('hands what a hook of others on the response throws to whoever stands behind it.', async () => {
    const middleware = qcloudIm(baseOptions);
    const thrown = new Error('a hook on writeHead');
    let told: unknown;
    const port = await listen((req, res) => {
      const { writeHead } = res;
      res.writeHead = () => {
        res.writeHead = writeHead;
        throw thrown;
      };
      middleware(req, res, (error) => {
        told = error;
        res.end();
      });
    });
    await sendTo(port, { query: await signedQueryFor(COMMAND), body });
    expect(told).toBe(thrown);
  });

  it('takes a receiver that stands elsewhere as well, and hands it out again.', async () => {
    const handler = new CallbackHandler(baseOptions);
    const [one, two] = [qcloudIm(handler), qcloudIm(handler)];
    expect(one.handler).toBe(handler);
    const ports = [await listen(one), await listen(two)];
    const query = await signedQueryFor(COMMAND);
    await handler.close();
    for (const port of ports) expect((await sendTo(port, { query, body })).status).toBe(503);
  });

  it('refuses options that cannot work where it is made.', () => {
    expect(() => qcloudIm({ ...baseOptions, token: '' })).toThrow(/^token_missing/);
  });
});
