/** The places for a receiver in a Nest app, whose own body parsers are on. */

import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { qcloudIm } from '../../../src/adapters/express.js';
import type { CallbackHandler } from '../../../src/receiver/handler.js';
import { OWN_PATH, sendTo } from '../../support/http-client.js';
import type { Target } from './target.js';

/** Where the receiver is mounted: on the app before Nest's parsers, or in a module behind them. */
type Place = 'app' | 'module';

function moduleOf(handler: CallbackHandler, place: Place): new () => NestModule {
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      if (place === 'module') consumer.apply(qcloudIm(handler)).forRoutes(OWN_PATH);
    }
  }
  Module({})(AppModule);
  return AppModule;
}

function nest(name: string, place: Place, rawBody: boolean): Target {
  return {
    name,
    elsewhere: 404,
    async start(handler) {
      const app = await NestFactory.create(moduleOf(handler, place), {
        rawBody,
        logger: false,
        abortOnError: false,
        forceCloseConnections: true,
      });
      if (place === 'app') app.use(OWN_PATH, qcloudIm(handler));
      await app.listen(0, '127.0.0.1');
      const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
      return { send: (request) => sendTo(port, request), close: () => app.close() };
    },
  };
}

export const nestTargets: readonly Target[] = [
  nest('Nest 12', 'app', false),
  nest('a module of Nest 12', 'module', false),
  nest('a module of Nest 12 with rawBody', 'module', true),
];
