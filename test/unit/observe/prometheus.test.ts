import prometheusClient from '@prometheus-io/client';
import promClient from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryDedupeStore } from '../../../src/dedupe/memory-store.js';
import type { CallbackMessage } from '../../../src/observe/message.js';
import { prometheusMetrics } from '../../../src/observe/prometheus.js';
import type { QcloudImOptions } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { ok, refuse } from '../../../src/protocol/answers.js';
import { memoryQueue } from '../../../src/queue/memory/memory.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { sampleBody } from '../../../src/testing.js';
import { baseOptions, callbackOf, requestOf, signedQueryFor } from '../../support/requests.js';

const AFTER = 'Group.CallbackAfterSendMsg';
const BEFORE = 'Group.CallbackBeforeSendMsg';
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe.each([
  ['prom-client', promClient],
  // Describes the same with types of its own.
  ['@prometheus-io/client', prometheusClient as unknown as typeof promClient],
])('the metrics made with %s', (_name, client) => {
  /** A receiver and its registry; `lines` gives the lines that begin with a name. */
  function setUp(options: Partial<QcloudImOptions> = {}) {
    const registry = new client.Registry();
    const handler = new CallbackHandler({ ...baseOptions, ...options });
    const metrics = prometheusMetrics({ client, registry, im: { handler } });
    ends.push(metrics.stop, () => handler.close({ timeoutMs: 100 }));
    const lines = async (name: string): Promise<string[]> =>
      (await registry.metrics()).split('\n').filter((line) => line.startsWith(`qcloud_im_${name}`));
    const send = async (command: string, more: Record<string, string> = {}) =>
      handler.receive(requestOf(await signedQueryFor(command, more), JSON.stringify(sampleBody(AFTER))));
    return { handler, registry, metrics, lines, send };
  }

  it('count callbacks by command, outcome, code and answer', async () => {
    const { handler, lines } = setUp({ handlers: { [BEFORE]: () => refuse('no') } });
    await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    const [share = ''] = await lines('answer_limit_share_max ');
    expect(await lines('callbacks_total')).toEqual([
      `qcloud_im_callbacks_total{command="${BEFORE}",outcome="answered",code="",answer="refuse"} 1`,
    ]);
    expect(await lines('answer_seconds_count')).toEqual([
      `qcloud_im_answer_seconds_count{command="${BEFORE}"} 1`,
    ]);
    expect(await lines('tokens_total')).toEqual(['qcloud_im_tokens_total{position="0"} 1']);
    expect(Number(share.split(' ')[1])).toBeGreaterThan(0);
    // Since the last scrape there was none.
    expect(await lines('answer_limit_share_max ')).toEqual(['qcloud_im_answer_limit_share_max 0']);
  });

  it('make no label of a name that a stranger sends, and no time of his', async () => {
    const { lines, send } = setUp({ sdkAppId: false });
    for (const name of ['Evil.One', 'Evil.Two']) await send(name, { Sign: 'a'.repeat(64) });
    await send('Evil.Three');
    expect(await lines('callbacks_total')).toEqual([
      'qcloud_im_callbacks_total{command="other",outcome="refused",code="signature_invalid",answer=""} 2',
      'qcloud_im_callbacks_total{command="other",outcome="refused",code="command_mismatch",answer=""} 1',
    ]);
    expect(await lines('answer_seconds_count')).toEqual([
      'qcloud_im_answer_seconds_count{command="other"} 1',
    ]);
  });

  it('count what is queued, repeated and late, and the figures of the queue', async () => {
    const { handler, lines, send } = setUp({
      deadlineMs: 30,
      dedupe: { store: memoryDedupeStore() },
      queue: memoryQueue({ attempts: 2, backoff: { initialMs: 1 } }),
      handlers: {
        [AFTER]: queued(() => {
          throw new Error('no');
        }),
        [BEFORE]: () => new Promise((resolve) => setTimeout(resolve, 60, ok())),
      },
    });
    for (let time = 0; time < 2; time++) await send(AFTER, { RequestID: '7' });
    await handler.receive(await callbackOf(BEFORE, sampleBody(BEFORE)));
    await handler.idle();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await lines('callbacks_total')).toEqual([
      `qcloud_im_callbacks_total{command="${AFTER}",outcome="queued",code="",answer="ok"} 1`,
      `qcloud_im_callbacks_total{command="${AFTER}",outcome="duplicate",code="",answer="ok"} 1`,
      `qcloud_im_callbacks_total{command="${BEFORE}",outcome="late",code="handler_timeout",answer=""} 1`,
    ]);
    expect(await lines('late_results_total')).toEqual(['qcloud_im_late_results_total 1']);
    expect(await lines('run_seconds_count')).toEqual([
      `qcloud_im_run_seconds_count{command="${AFTER}",outcome="failed"} 2`,
    ]);
    expect(await lines('queue_wait_seconds_count')).toEqual([
      `qcloud_im_queue_wait_seconds_count{command="${AFTER}"} 1`,
    ]);
    for (let scrape = 0; scrape < 2; scrape++) {
      expect((await lines('queue_')).filter((line) => !line.includes('wait'))).toEqual([
        'qcloud_im_queue_events{tier="queue",state="queued"} 0',
        'qcloud_im_queue_events{tier="queue",state="active"} 0',
        'qcloud_im_queue_oldest_age_seconds{tier="queue"} 0',
        expect.stringMatching(/^qcloud_im_queue_workers\{tier="queue",kind="master"\} \d+$/),
        'qcloud_im_queue_workers{tier="queue",kind="assist"} 0',
        'qcloud_im_queue_accepted_total{tier="queue"} 1',
        'qcloud_im_queue_completed_total{tier="queue"} 0',
        'qcloud_im_queue_failed_runs_total{tier="queue"} 2',
        'qcloud_im_queue_retries_total{tier="queue"} 1',
        'qcloud_im_queue_dead_total{tier="queue"} 1',
        'qcloud_im_queue_rejected_total{tier="queue"} 0',
      ]);
    }
    expect(await lines('ready')).toEqual(['qcloud_im_ready 1']);
  });

  it('count what this release does not know, by command and kind', async () => {
    const { metrics, lines } = setUp();
    const drift = [{ command: AFTER, kind: 'unknown_field', path: 'New', count: 1 }] as const;
    metrics.observe({
      operation: 'receive',
      known: true,
      trusted: true,
      startedAt: 0,
      command: AFTER,
      drift,
    });
    expect(await lines('drift_total')).toEqual([
      `qcloud_im_drift_total{command="${AFTER}",kind="unknown_field"} 1`,
    ]);
  });

  it('have the figures of the fallback beside those of the queue', async () => {
    const { handler, lines } = setUp({ fallback: memoryQueue() });
    await handler.ready();
    expect(await lines('queue_dead_total')).toEqual([
      'qcloud_im_queue_dead_total{tier="queue"} 0',
      'qcloud_im_queue_dead_total{tier="fallback"} 0',
    ]);
  });

  it('take another prefix, the module’s own registry, a bare receiver or none, and end when they are told to', async () => {
    const handler = new CallbackHandler(baseOptions);
    const metrics = prometheusMetrics({ client, prefix: 'im_', im: handler });
    ends.push(() => client.register.clear());
    const text = async () => client.register.metrics();
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    const counted = `im_callbacks_total{command="${AFTER}",outcome="answered",code="",answer="ok"}`;
    expect(await text()).toContain(`${counted} 1\n`);
    expect(await text()).toContain('im_ready');
    metrics.stop();
    await handler.receive(await callbackOf(AFTER, sampleBody(AFTER)));
    expect(await text()).toContain(`${counted} 1\n`);
    client.register.clear();
    prometheusMetrics({ client, prefix: 'im_' }).stop();
    expect(await text()).not.toContain('im_ready');
  });

  it('count what the option observe tells, where there are no channels', async () => {
    const { metrics, lines } = setUp();
    const message: CallbackMessage = { operation: 'receive', known: false, trusted: true, startedAt: 0 };
    metrics.observe(message);
    metrics.observe({ ...message, operation: 'enqueue' });
    metrics.observe({ ...message, operation: 'handle' });
    metrics.observe({ ...message, operation: 'run' });
    expect(await lines('callbacks_total')).toEqual([
      'qcloud_im_callbacks_total{command="other",outcome="",code="",answer=""} 1',
    ]);
    expect(await lines('tokens_total')).toEqual([]);
  });
});
