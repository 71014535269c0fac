import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParsedRequest } from '../../../src/adapters/node-body.js';
import { loadRawParser } from '../../../src/adapters/raw-parser.js';
import { sendTo } from '../../support/http-client.js';

const LIMIT = 8;
let server: http.Server;
let port: number;

beforeAll(async () => {
  const parser = await loadRawParser(LIMIT)();
  server = http.createServer((req: ParsedRequest, res) => {
    parser(req, res, (error) => {
      const failed = error !== undefined && error !== null;
      res.end(failed ? String(error) : `${Buffer.isBuffer(req.body)} ${String(req.body)}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe('loadRawParser', () => {
  it.each([undefined, 'application/json', 'application/x-www-form-urlencoded', ';;;'])(
    'gives a parser that takes bytes of type %s as they are.',
    async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type };
      expect((await sendTo(port, { query: '', body: '{"a":1}', headers })).body).toBe('true {"a":1}');
    },
  );

  it('gives a parser with the limit.', async () => {
    expect((await sendTo(port, { query: '', body: 'x'.repeat(LIMIT) })).body).toBe('true xxxxxxxx');
    expect((await sendTo(port, { query: '', body: 'x'.repeat(LIMIT + 1) })).body).toMatch(/too large/);
  });

  it('gives the parser itself once it is loaded.', async () => {
    const source = loadRawParser(LIMIT);
    const loading = source();
    expect(loading).toBeInstanceOf(Promise);
    const loaded = await loading;
    expect(source()).toBe(loaded);
  });
});
