// What the web server and the worker have in common: the app, its handlers, and where the events wait.

import { queued, textOf } from 'qcloud-im-callback/core';

export const options = {
  sdkAppId: 1400000000,
  token: process.env.IM_CALLBACK_TOKEN ?? 'demo-token',
  handlers: {
    // The web server answers and enqueues; only the worker runs this.
    'Group.CallbackAfterSendMsg': queued(async (event) => {
      console.log(`archived ${event.id}: ${event.body.GroupId} ${textOf(event)}`);
    }),
  },
};

export const place = {
  connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
  name: process.env.QUEUE_NAME ?? 'im-callbacks',
};
