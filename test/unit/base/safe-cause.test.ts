import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { CallbackError } from '../../../src/base/errors.js';
import { safeCause } from '../../../src/base/safe-cause.js';

const SECRET = 'a body that nobody should log';

/** An error as `ioredis` makes it for a reply that says no. */
function withCommand(message: string): Error {
  return Object.assign(new Error(message), { command: { name: 'set', args: ['key', SECRET] }, code: 'WHY' });
}

it('leaves out the command of an error, and keeps everything else that tells what happened', () => {
  const error = withCommand('READONLY');
  const safe = safeCause(error);
  expect(safe).toMatchObject({ message: 'READONLY', code: 'WHY', name: 'Error', stack: error.stack });
  expect(inspect(safe, { depth: 10 })).not.toContain(SECRET);
});

it('finds the command behind causes and among several errors', () => {
  const behind = new Error('outer', { cause: new Error('middle', { cause: withCommand('inner') }) });
  const among = new AggregateError([new Error('other'), withCommand('inner')], 'both failed');
  for (const thrown of [behind, among, new Error('outermost', { cause: among })]) {
    const text = inspect(safeCause(thrown), { depth: 10 });
    expect(text).toContain('inner');
    expect(text).not.toContain(SECRET);
  }
});

it('gives the very same value where there is nothing to leave out', () => {
  const loop = new Error('a loop');
  loop.cause = loop;
  for (const thrown of [new Error('plain'), 'text', undefined, loop, new AggregateError([new Error('x')])])
    expect(safeCause(thrown)).toBe(thrown);
});

it('leaves a CallbackError made of an error without a stack fit for a log', () => {
  const bare = withCommand('NOAUTH');
  delete bare.stack;
  expect(inspect(new CallbackError('queue_failed', { cause: bare }), { depth: 10 })).not.toContain(SECRET);
});

it('works on what ioredis itself throws', async () => {
  const client = new Redis({
    port: 1,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  const failure = await client.set('key', SECRET).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(Error);
  expect(inspect(safeCause(failure), { depth: 10 })).not.toContain(SECRET);
});
