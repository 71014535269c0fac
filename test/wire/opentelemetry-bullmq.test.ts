import { afterEach, describe, expect, inject, it } from 'vitest';
import { bullmqQueue } from '../../src/bullmq.js';
import { CallbackHandler, queued } from '../../src/core.js';
import { traceCallbacks } from '../../src/opentelemetry.js';
import { sampleBody } from '../../src/testing.js';
import { clear, freshPlace, queueAt } from '../support/bullmq-place.js';
import { Program } from '../support/child.js';
import { baseOptions, callbackOf } from '../support/requests.js';
import { keepSpans, shortOf } from '../support/spans.js';

const COMMAND = 'Group.CallbackAfterSendMsg';

describe.skipIf(inject('redisUrl') === '')(
  'the spans of an event that BullMQ hands to another process',
  () => {
    const ends: (() => unknown)[] = [];

    afterEach(async () => {
      for (const end of ends.splice(0).toReversed()) await end();
    });

    it('are linked: that of the run to that of the enqueue', async () => {
      const place = freshPlace();
      ends.push(() => clear(queueAt(place)));
      const keeper = keepSpans();
      ends.push(() => keeper.remove(), traceCallbacks());
      const handler = new CallbackHandler({
        ...baseOptions,
        handlers: { [COMMAND]: queued(() => undefined) },
        queue: bullmqQueue({ ...place, worker: false }),
      });
      ends.push(() => handler.close());
      await handler.receive(await callbackOf(COMMAND, sampleBody(COMMAND)));
      const [send, request] = keeper.take().map(shortOf);
      expect([send?.kind, request?.kind]).toEqual(['PRODUCER', 'SERVER']);

      const program = new Program('test/wire/opentelemetry-worker.ts', {
        PLACE: JSON.stringify(place),
        NODE_OPTIONS: '--import tsx',
      });
      ends.push(() => program.stop('SIGTERM'));
      const [, text = ''] = await program.printed(/^span (.*)$/m);
      expect(JSON.parse(text)).toMatchObject({
        name: `process ${COMMAND}`,
        kind: 'CONSUMER',
        links: [send?.spanId],
        attributes: { 'messaging.message.id': request?.attributes['qcloud_im.event_id'] },
      });
    });
  },
);
