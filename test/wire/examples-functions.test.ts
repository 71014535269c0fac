/** The examples that are functions of a platform run as it calls them: with nothing that lives on after the answer. */

import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../src/protocol/commands.js';
import { signedQuery } from '../../src/testing.js';
import { AFTER, BEFORE, CHINESE, messageOf } from './adapters/case.js';

const TOKEN = 'demo-token';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };

/** What an example exports. */
async function load<Exports>(example: string): Promise<Exports> {
  return (await import(new URL(`../../examples/${example}`, import.meta.url).href)) as Exports;
}

function queryFor(command: Command, token = TOKEN): Promise<string> {
  return signedQuery({ sdkAppId: 1400000000, token, command });
}

let printed: string[] = [];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    printed.push(line);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('examples/lambda.mjs', () => {
  type Body = Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>;

  /** An event as a function URL and an HTTP API of API Gateway give it. */
  function eventOf(rawQueryString: string, body: Body, method = 'POST'): APIGatewayProxyEventV2 {
    const domainName = 'abcdefghij.lambda-url.eu-central-1.on.aws';
    return {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/im/callback',
      rawQueryString,
      headers: {
        host: domainName,
        'content-type': 'application/json',
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)),
      requestContext: {
        accountId: 'anonymous',
        apiId: 'abcdefghij',
        domainName,
        domainPrefix: 'abcdefghij',
        http: {
          method,
          path: '/im/callback',
          protocol: 'HTTP/1.1',
          sourceIp: '192.0.2.7',
          userAgent: 'example',
        },
        requestId: '2c0b9a39-3a4d-4b3e-8f2b-0f6a7e2f1c55',
        routeKey: '$default',
        stage: '$default',
        time: '08/Feb/2025:07:33:20 +0000',
        timeEpoch: 1739000000000,
      },
      ...body,
    };
  }

  const plain = (text: string): Body => ({ body: text, isBase64Encoded: false });
  const base64 = (bytes: string | Uint8Array): Body => ({
    body: Buffer.from(bytes).toString('base64'),
    isBase64Encoded: true,
  });

  async function invoke(event: APIGatewayProxyEventV2) {
    type Example = {
      handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
    };
    const { handler } = await load<Example>('lambda.mjs');
    const { statusCode, headers, body = '' } = await handler(event);
    return { statusCode, headers, answer: JSON.parse(body) as unknown };
  }

  it('answers signed callbacks as their texts deserve.', async () => {
    const query = await queryFor(BEFORE);
    const good = await invoke(eventOf(query, plain(JSON.stringify(messageOf(BEFORE, CHINESE)))));
    expect(good).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': '50' },
      answer: OK,
    });
    const bad = await invoke(eventOf(query, plain(JSON.stringify(messageOf(BEFORE, 'buy spam')))));
    expect(bad.answer).toMatchObject({ ErrorCode: 120001, ErrorInfo: 'no spam, please' });
  });

  it('has run the handler of a queued event when it answers, and reads base64.', async () => {
    const body = JSON.stringify(messageOf(AFTER, CHINESE));
    expect(await invoke(eventOf(await queryFor(AFTER), base64(body)))).toMatchObject({
      statusCode: 200,
      answer: OK,
    });
    expect(printed).toEqual([`archived: ${CHINESE}`]);
  });

  it('reads a gzip body, which comes as base64.', async () => {
    const event = eventOf(
      await queryFor(AFTER),
      base64(gzipSync(JSON.stringify(messageOf(AFTER, 'packed')))),
    );
    event.headers['content-encoding'] = 'gzip';
    expect((await invoke(event)).statusCode).toBe(200);
    expect(printed).toEqual(['archived: packed']);
  });

  it('refuses a wrong Sign, and what is no POST.', async () => {
    const body = JSON.stringify(messageOf(AFTER, 'hello'));
    expect(await invoke(eventOf(await queryFor(AFTER, 'other-token'), plain(body)))).toMatchObject({
      statusCode: 401,
      answer: { ErrorCode: 40106 },
    });
    // Without a body the event has none, and the URL check of the console is a POST without one.
    const { body: _, ...empty } = plain('');
    expect(await invoke(eventOf('', empty, 'GET'))).toMatchObject({
      statusCode: 405,
      headers: { allow: 'POST' },
    });
    expect(await invoke(eventOf('', plain(body), 'GET'))).toMatchObject({ statusCode: 405 });
    expect(await invoke(eventOf(await queryFor(AFTER), empty))).toMatchObject({
      statusCode: 200,
      answer: OK,
    });
    expect(printed).toEqual([]);
  });
});

describe('examples/next', () => {
  async function post(command: Command, text: string, token = TOKEN) {
    type Route = { POST(request: Request, context: { params: Promise<object> }): Promise<Response> };
    const { POST } = await load<Route>('next/app/im/callback/route.js');
    const request = new Request(`https://im.example/im/callback?${await queryFor(command, token)}`, {
      method: 'POST',
      body: JSON.stringify(messageOf(command, text)),
    });
    // What Next.js gives beside the request.
    const response = await POST(request, { params: Promise.resolve({}) });
    return { status: response.status, answer: (await response.json()) as unknown };
  }

  it('answers signed callbacks as their texts deserve.', async () => {
    expect(await post(BEFORE, CHINESE)).toEqual({ status: 200, answer: OK });
    expect(await post(BEFORE, 'buy spam')).toMatchObject({
      status: 200,
      answer: { ErrorCode: 120001, ErrorInfo: 'no spam, please' },
    });
  });

  it('refuses a wrong Sign.', async () => {
    expect(await post(BEFORE, 'hello', 'other-token')).toMatchObject({
      status: 401,
      answer: { ErrorCode: 40106 },
    });
  });

  it('has run the handler of a queued event when it answers.', async () => {
    expect(await post(AFTER, CHINESE)).toEqual({ status: 200, answer: OK });
    expect(printed).toEqual([`archived: ${CHINESE}`]);
  });
});
