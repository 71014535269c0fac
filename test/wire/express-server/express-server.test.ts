/** Express's own behaviour, seen through createServer and through the usual server: one cannot be told from the other. */

import http from 'node:http';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { serverFor } from '../../../src/adapters/express-server.js';
import { type HttpAnswer, sendTo } from '../../support/http-client.js';
import { express4 } from '../../support/message-app.js';
import { listen, type TestServer } from '../../support/sockets.js';
import type { ServerCase } from './case.js';
import { appCases } from './cases-app.js';
import { requestCases } from './cases-request.js';
import { responseCases } from './cases-response.js';
import { streamCases } from './cases-stream.js';

const running: TestServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** The answer without what differs from one to the next. */
async function answerOf(server: http.Server, { request }: ServerCase): Promise<HttpAnswer> {
  const started = await listen(server);
  running.push(started);
  const answer = await sendTo(started.port, { method: 'GET', path: '/', query: '', ...request });
  return { ...answer, headers: { ...answer.headers, date: undefined } };
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('createServer for %s', (_name, make) => {
  it.each([...requestCases, ...responseCases, ...streamCases, ...appCases])('keeps $title', async (given) => {
    const usual = make();
    given.mount(usual, make);
    // Half of what users write comes before the server is made, and half of it after.
    const before = make();
    given.mount(before, make);
    const after = make();
    const late = serverFor(after, '20.0.0');
    given.mount(after, make);

    const answer = await answerOf(http.createServer(usual), given);
    const { status = 200, headers = {}, body = answer.body, json } = given.expected;
    expect(answer).toMatchObject({ status, headers, body });
    if (json !== undefined) expect(JSON.parse(answer.body)).toEqual(json);
    expect(await answerOf(serverFor(before, '20.0.0'), given)).toEqual(answer);
    expect(await answerOf(late, given)).toEqual(answer);
  });
});
