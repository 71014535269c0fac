// A receiver in a Nest app. With decorators, `Module({})(AppModule)` is `@Module({}) class AppModule`.

import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ok, qcloudIm, queued, refuse, textOf } from 'qcloud-im-callback';

const token = process.env.IM_CALLBACK_TOKEN ?? 'demo-token';
const handlers = {
  'C2C.CallbackBeforeSendMsg': (event) => (textOf(event).includes('spam') ? refuse('no spam, please') : ok()),
  'Group.CallbackAfterSendMsg': queued((event) => console.log(`archived: ${textOf(event)}`)),
};

const im = qcloudIm({ sdkAppId: 1400000000, token, handlers });

class AppModule {
  async onApplicationShutdown() {
    const { drained } = await im.close();
    console.log(`closed; drained ${drained}`);
  }
}
Module({})(AppModule);

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
app.use('/im/callback', im);

await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
console.log(`${await app.getUrl()}/im/callback`);
