import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { shutdown } from '../../../src/adapters/shutdown.js';
import { qcloudIm, queued } from '../../../src/node.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, signedQueryFor } from '../../support/requests.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server with a receiver, and a client that keeps its connection. */
async function setUp(handle: () => unknown = () => undefined) {
  const im = qcloudIm({ ...baseOptions, handlers: { [AFTER]: queued(handle) } });
  await im.ready();
  const server: Server = createServer(im).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  ends.push(
    () => agent.destroy(),
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  const path = `/?${await signedQueryFor(AFTER)}`;
  const post = async (): Promise<string> => {
    const sending = request({ agent, port, host: '127.0.0.1', method: 'POST', path });
    sending.end(JSON.stringify(sampleBody(AFTER)));
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    await response.resume().toArray();
    return `${response.statusCode} ${response.headers.connection}`;
  };
  return { im, server, port, post };
}

describe('shutdown', () => {
  it('answers on, then on the connections that there are, and drains the queue', async () => {
    const handle = vi.fn();
    const { im, server, port, post } = await setUp(handle);
    expect(await post()).toBe('200 keep-alive');
    const ending = shutdown(server, im, { drainMs: 200, timeoutMs: 1_000 });
    expect(im.handler.health()).toMatchObject({ ready: false, closing: true });
    expect(await post()).toBe('200 keep-alive');
    await vi.waitFor(() => expect(server.listening).toBe(false), { interval: 5 });
    expect(await post()).toBe('200 close');
    await expect(post()).rejects.toThrow('ECONNREFUSED');
    expect(await ending).toMatchObject({ remaining: [], timedOut: false });
    expect(handle).toHaveBeenCalledTimes(3);
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  });

  it('waits for an answer that is under way, and for its client no longer than half of its time', async () => {
    const server = createServer((_req, res) => {
      res.flushHeaders();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const sending = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    sending.end();
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    const cut = once(response, 'error');
    const im = qcloudIm(baseOptions);
    await shutdown(server, im.handler, { drainMs: 0, timeoutMs: 100 });
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(im.handler.health().queue.state).toBe('closed');
  });

  it('closes the connection of a request that began before it and ends within it', async () => {
    const answers: (() => void)[] = [];
    const server = createServer((_req, res) => {
      res.setHeader('content-length', 2).flushHeaders();
      answers.push(() => res.end('ok'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true });
    ends.push(() => agent.destroy());
    const sending = request({ agent, port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    sending.end();
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    const ending = shutdown(server, qcloudIm(baseOptions), { drainMs: 10 });
    await vi.waitFor(() => expect(server.listening).toBe(false));
    answers[0]?.();
    expect((await response.toArray()).join('')).toBe('ok');
    expect(await ending).toMatchObject({ timedOut: false });
  });

  it('leaves alone what has no such header: HTTP/2, and answers that have begun', async () => {
    const { im, server } = await setUp();
    const ending = shutdown(server, im, { drainMs: 0 });
    await vi.waitFor(() => expect(server.listening).toBe(false), { interval: 1 });
    const [close] = server.listeners('request') as ((req: object, res: object) => void)[];
    const setHeader = vi.fn();
    close?.({ httpVersionMajor: 2 }, { setHeader, headersSent: false });
    close?.({ httpVersionMajor: 1 }, { setHeader, headersSent: true });
    expect(setHeader).not.toHaveBeenCalled();
    await ending;
  });
});
