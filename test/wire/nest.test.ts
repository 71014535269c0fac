/** What the README says of Nest beyond the list of all cases: limits, prefixes, and closing. */

import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type MiddlewareConsumer, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterEach, describe, expect, it } from 'vitest';
import { qcloudIm } from '../../src/adapters/express.js';
import { queued } from '../../src/options/routes.js';
import { textOf } from '../../src/protocol/messages.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { sendTo } from '../support/http-client.js';
import { baseOptions, signedQueryFor } from '../support/requests.js';
import { AFTER, messageOf } from './adapters/case.js';

/** Longer than an app with nothing to wait for takes to close. */
const WHILE_MS = 100;
const LONG = '长'.repeat(100_000);

describe('A Nest app', () => {
  let app: NestExpressApplication;
  let texts: string[] = [];

  afterEach(() => app.close());

  /** Makes an app with a receiver on it or in its module; the module closes it. */
  async function create(place: 'app' | 'module', work: () => Promise<void> = async () => undefined) {
    texts = [];
    const handler = new CallbackHandler({
      ...baseOptions,
      handlers: {
        [AFTER]: queued(async (event) => {
          await work();
          texts.push(textOf(event));
        }),
      },
    });
    const im = qcloudIm(handler);
    class AppModule {
      configure(consumer: MiddlewareConsumer): void {
        if (place === 'module') consumer.apply(im).forRoutes('/im/callback');
      }
      onApplicationShutdown(): Promise<unknown> {
        return im.close();
      }
    }
    Module({})(AppModule);
    app = await NestFactory.create<NestExpressApplication>(AppModule, {
      rawBody: place === 'module',
      logger: false,
      abortOnError: false,
      forceCloseConnections: true,
    });
    if (place === 'app') app.use('/im/callback', im);
    return handler;
  }

  async function send(text: string, path = '/im/callback'): Promise<number> {
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const { status } = await sendTo(port, {
      path,
      query: await signedQueryFor(AFTER),
      body: JSON.stringify(messageOf(AFTER, text)),
      headers: { 'content-type': 'application/json' },
    });
    return status;
  }

  it('has no limit but ours where the receiver stands before its parsers.', async () => {
    const handler = await create('app');
    expect(await send(LONG)).toBe(200);
    await handler.idle();
    expect(texts).toEqual([LONG]);
  });

  it('has its parser’s limit in a module, which can be raised.', async () => {
    await create('module');
    expect(await send(LONG)).toBe(413);
    await app.close();
    const handler = await create('module');
    app.useBodyParser('json', { limit: '1mb' });
    expect(await send(LONG)).toBe(200);
    await handler.idle();
    expect(texts).toEqual([LONG]);
  });

  it('puts its global prefix before the path in a module, and only there.', async () => {
    await create('module');
    app.setGlobalPrefix('api');
    expect(await send('hello', '/api/im/callback')).toBe(200);
    await app.close();
    await create('app');
    app.setGlobalPrefix('api');
    expect(await send('hello', '/im/callback')).toBe(200);
  });

  it('closes the receiver when it is closed, after what was accepted is done.', async () => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await create('app', () => gate);
    expect(await send('good night')).toBe(200);
    const closing = app.close().then(() => 'closed');
    expect(await Promise.race([closing, setTimeout(WHILE_MS, 'waiting')])).toBe('waiting');
    finish();
    await closing;
    expect(texts).toEqual(['good night']);
  });
});
