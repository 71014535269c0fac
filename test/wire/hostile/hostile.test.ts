/** A receiver in a process of its own under hostile requests, each of which has an answer of its own. */

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLBACK_ERROR_CODES } from '../../../src/index.js';
import { sampleBody } from '../../../src/testing.js';
import { answerOf, exchange, head, RawClient, requestBytes } from '../../support/sockets.js';
import { checkForm, checkSecrets, expectService, MESSAGE, sign } from './checks.js';
import { type Attacked, startAttacked } from './child.js';
import { handmade } from './handmade.js';

let attacked: Attacked;

beforeAll(async () => {
  attacked = await startAttacked();
});

afterAll(async () => {
  await attacked.stop();
});

describe('under hostile requests over real sockets', () => {
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
    await expectService(attacked.port);
  });

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
    await expect.poll(async () => (await attacked.state()).connections, { timeout: 50_000 }).toBe(0);
    await expectService(attacked.port);
  });
});
