import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { readPlain } from '../../../src/adapters/plain-body.js';

it('a body that was read is left alone, also when its request closes or its time is over', async () => {
  const req = new IncomingMessage(new Socket());
  req.headers = { 'content-length': '5' };
  const pause = vi.spyOn(req, 'pause');
  let stop = (): void => undefined;
  const reading = readPlain(req, {
    limit: 10,
    onTimeout: (given) => {
      stop = given;
    },
  });
  for (const part of ['by', 'tes', null]) req.push(part);
  expect(Buffer.from(await reading).toString()).toBe('bytes');
  req.destroy();
  if (!req.closed) await once(req, 'close');
  stop();
  expect(pause).not.toHaveBeenCalled();
});
