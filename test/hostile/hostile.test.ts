/** A receiver in a process of its own under hostile requests: it lives, stays small and answers in one form. */

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLBACK_ERROR_CODES, COMMANDS } from '../../src/index.js';
import { sampleBody } from '../../src/testing.js';
import { signedQueryFor } from '../support/requests.js';
import { answerOf, exchange, head, type RawAnswer, RawClient, requestBytes } from '../support/sockets.js';
import { type Attacked, startAttacked } from './child.js';
import { type HostileRequest, hostileRequests, MARKER } from './generated.js';
import { handmade } from './handmade.js';
import { TOKEN } from './receivers.js';

const COUNT = 2_000;
const SEED = 20_260_731;
/** Requests that are under way at a time. */
const ABREAST = 16;
const RSS_MARGIN = 50 * 1024 * 1024;
const MESSAGE = 'C2C.CallbackBeforeSendMsg';

let attacked: Attacked;

const sign = (command: string, more?: Readonly<Record<string, string | undefined>>): Promise<string> =>
  signedQueryFor(command, more, { token: TOKEN, time: String(Math.floor(Date.now() / 1000)) });

beforeAll(async () => {
  attacked = await startAttacked();
});

afterAll(async () => {
  await attacked.stop();
});

/** Nothing an answer says helps who sent it. */
function checkSecrets(answer: RawAnswer): void {
  const text = answer.body.toString();
  for (const secret of [TOKEN, MARKER, 'node_modules', '.ts:']) expect(text).not.toContain(secret);
}

/** Checks the form of an answer, and that status, code and number belong together. */
function checkForm(answer: RawAnswer): void {
  const { ErrorCode, ErrorInfo, ActionStatus } = answerOf(answer);
  if (answer.status === 200) {
    expect(ActionStatus).toBe('OK');
    return;
  }
  const code = /^([a-z_]+): /.exec(String(ErrorInfo))?.[1];
  const number = (CALLBACK_ERROR_CODES as readonly unknown[]).indexOf(code) + 1;
  expect(number).toBeGreaterThan(0);
  expect({ ActionStatus, ErrorCode }).toEqual({
    ActionStatus: 'FAIL',
    ErrorCode: answer.status * 100 + number,
  });
}

/** Node refuses what is no HTTP itself, before anybody is asked. */
function isFromNode({ status, headers, body }: RawAnswer): boolean {
  return [400, 431].includes(status) && headers['content-type'] === undefined && body.length === 0;
}

/**
 * Who still writes when the other side has answered and gone gets an error instead of the answer. On a busy
 * machine that happens to a body too large for one write; a small request is written before it is answered.
 */
function isTooLate({ error }: RawClient, bytes: Buffer): boolean {
  return bytes.length > 64 * 1024 && ['EPIPE', 'ECONNRESET'].includes(error?.code ?? '');
}

/** Sends a request and gives the kind of its answer, which has been checked. */
async function attack({ bytes, ending, isHead }: HostileRequest): Promise<string> {
  const client = new RawClient(attacked.port, { isHead }).write(bytes);
  try {
    if (ending === 'leave') {
      await Promise.race([once(client.socket, 'connect'), client.closed]);
      return 'left';
    }
    if (ending === 'end') client.socket.end();
    const answer = await client.answer().catch((error: unknown) => {
      if (isTooLate(client, bytes)) return undefined;
      throw error;
    });
    if (answer === undefined) return 'reset';
    checkSecrets(answer);
    if (isFromNode(answer)) return 'node';
    if (answer.status === 404) return 'elsewhere';
    if (isHead) return `head ${answer.status}`;
    checkForm(answer);
    return answer.status === 200 ? 'ok' : (String(answerOf(answer)['ErrorInfo']).split(':')[0] ?? '');
  } finally {
    client.destroy();
  }
}

/** Sends requests, some at a time, and counts what came of them. */
async function attackWith(requests: readonly HostileRequest[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const rest = requests.values();
  const sender = async (): Promise<void> => {
    for (const request of rest) {
      const kind = await attack(request);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, sender));
  return counts;
}

/** The next good request is served. */
async function expectService(): Promise<void> {
  const target = `/im?${await sign(MESSAGE)}`;
  const answer = await exchange(attacked.port, requestBytes(target, JSON.stringify(sampleBody(MESSAGE))));
  expect(answer.status).toBe(200);
  expect(answerOf(answer)).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
}

describe('under hostile requests over real sockets', () => {
  it(`answers ${COUNT} generated ones in the documented form, and does not grow`, async () => {
    const signed = new Map(
      await Promise.all(COMMANDS.map(async ({ name }) => [name, await sign(name)] as const)),
    );
    const requests = hostileRequests(signed, COUNT, SEED);
    const counts = await attackWith(requests.slice(0, 200));
    const { rssBytes: before } = await attacked.state();
    for (const [kind, count] of await attackWith(requests.slice(200))) {
      counts.set(kind, (counts.get(kind) ?? 0) + count);
    }
    const { rssBytes: after } = await attacked.state();
    expect(after - before).toBeLessThan(RSS_MARGIN);
    await expectService();
    // The generator reaches far in: this many got through, and so many different things went wrong.
    expect(counts.get('ok')).toBeGreaterThan(150);
    expect(counts.size).toBeGreaterThan(12);
    expect(counts.get('reset') ?? 0).toBeLessThan(COUNT / 200);
  }, 60_000);

  it('answers those made by hand, each with its own code', async () => {
    const seen = new Set<string>();
    for (const { title, bytes, status, code } of await handmade(sign)) {
      const answer = await exchange(attacked.port, bytes);
      checkSecrets(answer);
      checkForm(answer);
      const said = answer.status === 200 ? undefined : String(answerOf(answer)['ErrorInfo']).split(':')[0];
      expect({ title, status: answer.status, code: said }).toEqual({ title, status, code });
      if (code !== undefined) seen.add(code);
    }
    expect([...seen].sort()).toEqual([...CALLBACK_ERROR_CODES].sort());
    await expectService();
  }, 60_000);

  it('answers pipelined requests up to the first one that it does not trust', async () => {
    const target = `/im?${await sign(MESSAGE)}`;
    const body = JSON.stringify(sampleBody(MESSAGE));
    const client = new RawClient(attacked.port);
    client.write(requestBytes(target, body), requestBytes(target, '[]'), requestBytes(`${target}0`, body));
    client.write(requestBytes(target, body));
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await client.answer()).status);
    expect(statuses).toEqual([200, 400, 401]);
    await client.closed;
    expect(client.received.toString()).toBe('');
  });

  it('keeps no connection of those who left', async () => {
    const target = `/im?${await sign(MESSAGE)}`;
    const clients = Array.from({ length: 50 }, () =>
      new RawClient(attacked.port).write(head(target, { 'content-length': '100' }), '{"a":'),
    );
    await Promise.all(clients.map(({ socket }) => once(socket, 'connect')));
    for (const client of clients) client.destroy();
    await expect.poll(async () => (await attacked.state()).connections, { timeout: 5_000 }).toBe(0);
    await expectService();
  });
});
