/** Metrics for Prometheus, made with the client that the user has: `prom-client` or `@prometheus-io/client`. */

import type { ReceiverStats } from '../queue/keeper.js';
import type { QueueStats } from '../queue/queue.js';
import { subscribe } from './channels.js';
import { type CallbackMessage, MAX_POSITIONS } from './message.js';
import { type Labels, Observations, Tally } from './tally.js';

interface Config<Registry> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: Registry[];
  readonly buckets?: number[];
  readonly collect?: () => void;
}

/** What is needed of the module. */
interface Client<Registry> {
  readonly register: Registry;
  readonly Counter: new (
    config: Config<Registry>,
  ) => { inc(labels: Labels, value?: number): void; reset(): void };
  readonly Gauge: new (config: Config<Registry>) => { set(labels: Labels, value: number): void };
  readonly Histogram: new (config: Config<Registry>) => { observe(labels: Labels, value: number): void };
}

interface Receiver {
  stats(): ReceiverStats;
  health(): { readonly ready: boolean; readonly lateResults: number };
}

/** What the metrics are made of. */
export interface PrometheusOptions<Registry> {
  /** The module `prom-client` or `@prometheus-io/client`. */
  readonly client: Client<Registry>;
  /** Where the metrics go. Defaults to the module's own registry. */
  readonly registry?: Registry;
  /** What the names begin with. Defaults to `qcloud_im_`. */
  readonly prefix?: string;
  /** The receiver, or what `qcloudIm` made: for what it counts itself, and its queue. Defaults to none, without these. */
  readonly im?: Receiver | { readonly handler: Receiver };
}

const PREFIX = 'qcloud_im_';

/** How long the vendor waits for an answer, in seconds. */
const LIMIT_S = 2;

const ANSWER_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.8, 2];
const RUN_BUCKETS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];
const WAIT_BUCKETS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800];

/** The label of a command. Whoever sends a name of his own makes no label of it. */
function labelOf({ known, command = '' }: CallbackMessage): string {
  return known ? command : 'other';
}

/** Metrics, from the moment they are made. */
export interface Metrics {
  /** Counts a message. For the option `observe`, only where there is no `node:diagnostics_channel`. */
  readonly observe: (message: CallbackMessage) => void;
  /** Counts nothing any more. */
  readonly stop: () => void;
}

/** Makes the metrics of all receivers in this process; the names and their meaning: docs/observing.md. */
export function prometheusMetrics<Registry>(options: PrometheusOptions<Registry>): Metrics {
  const { client, registry = client.register, prefix = PREFIX, im } = options;
  const config = (name: string, help: string, ...labelNames: string[]): Config<Registry> => ({
    name: prefix + name,
    help,
    labelNames,
    registers: [registry],
  });
  const { Counter, Gauge, Histogram } = client;
  const counter = (name: string, help: string, ...labelNames: string[]): Tally => {
    const tally = new Tally(labelNames);
    const made = new Counter({ ...config(name, help, ...labelNames), collect: () => tally.moveTo(made) });
    return tally;
  };
  const histogram = (
    buckets: number[],
    name: string,
    help: string,
    ...labelNames: string[]
  ): Observations => {
    const made = new Histogram({
      ...config(name, help, ...labelNames),
      buckets,
      collect: () => observations.flush(),
    });
    const observations = new Observations(made);
    return observations;
  };
  const callbacks = counter(
    'callbacks_total',
    'Callbacks that were answered.',
    'command',
    'outcome',
    'code',
    'answer',
  );
  const seconds = histogram(
    ANSWER_BUCKETS,
    'answer_seconds',
    'Time from a verified request to its answer.',
    'command',
  );
  let worst = 0;
  const share = new Gauge({
    ...config(
      'answer_limit_share_max',
      'Largest share of the two seconds for an answer, since the last scrape.',
    ),
    collect: () => {
      share.set({}, worst);
      worst = 0;
    },
  });
  const drift = counter('drift_total', 'What is not known, in callbacks looked at.', 'command', 'kind');
  const tokens = counter('tokens_total', 'Verified requests by position of their token.', 'position');
  const wait = histogram(
    WAIT_BUCKETS,
    'queue_wait_seconds',
    'Time from a request to the first run of its handler.',
    'command',
  );
  const runs = histogram(
    RUN_BUCKETS,
    'run_seconds',
    'Time of each run of a queued handler.',
    'command',
    'outcome',
  );
  if (im !== undefined) receiverMetrics(client, config, 'handler' in im ? im.handler : im);

  const observe = (message: CallbackMessage): void => {
    const { operation, outcome = '', errorCode = '', answerKind = '', durationMs = 0, trusted } = message;
    const command = labelOf(message);
    if (operation === 'receive') {
      callbacks.count(command, outcome, errorCode, answerKind);
      for (const { command: seen, kind } of message.drift ?? []) drift.count(seen, kind);
      if (!trusted) return;
      seconds.add({ command }, durationMs / 1000);
      worst = Math.max(worst, durationMs / 1000 / LIMIT_S);
      const { tokenPosition = MAX_POSITIONS } = message;
      if (tokenPosition < MAX_POSITIONS) tokens.count(String(tokenPosition));
    } else if (operation === 'run') {
      runs.add({ command, outcome }, durationMs / 1000);
      if (message.queueWaitMs !== undefined) wait.add({ command }, message.queueWaitMs / 1000);
    }
  };
  const stops = (['receive', 'run'] as const).map((operation) => subscribe(operation, 'asyncEnd', observe));
  return {
    observe,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** Figures that a receiver and its queue count themselves, read when they are asked for. */
function receiverMetrics<Registry>(
  { Counter, Gauge }: Client<Registry>,
  config: (name: string, help: string, ...labelNames: string[]) => Config<Registry>,
  handler: Receiver,
): void {
  const each = (tell: (tier: string, stats: QueueStats) => void): void => {
    const { fallback, ...queue } = handler.stats();
    tell('queue', queue);
    if (fallback !== undefined) tell('fallback', fallback);
  };
  const gauge = (
    name: string,
    help: string,
    label: string,
    values: (stats: QueueStats) => Labelled,
  ): void => {
    const made = new Gauge({
      ...config(name, help, 'tier', ...(label === '' ? [] : [label])),
      collect: () =>
        each((tier, stats) => {
          for (const [value, number] of values(stats)) {
            made.set(label === '' ? { tier } : { tier, [label]: value }, number);
          }
        }),
    });
  };
  const counter = (name: string, help: string, figureOf: (stats: QueueStats) => number): void => {
    const made = new Counter({
      ...config(name, help, 'tier'),
      collect: () => {
        made.reset();
        each((tier, stats) => made.inc({ tier }, figureOf(stats)));
      },
    });
  };
  gauge('queue_events', 'Events that are accepted and not done.', 'state', ({ queued, active }) => [
    ['queued', queued],
    ['active', active],
  ]);
  gauge('queue_oldest_age_seconds', 'Age of the oldest event that is not done.', '', ({ oldestAgeMs }) => [
    ['', oldestAgeMs / 1000],
  ]);
  gauge('queue_workers', 'Workers that are alive.', 'kind', ({ workers, assist }) => [
    ['master', workers],
    ['assist', assist],
  ]);
  counter('queue_accepted_total', 'Events that were accepted.', ({ accepted }) => accepted);
  counter('queue_completed_total', 'Events that were done.', ({ completed }) => completed);
  counter('queue_failed_runs_total', 'Runs of a handler that failed.', ({ failed }) => failed);
  counter('queue_retries_total', 'Runs that were repeated after a failure.', ({ retried }) => retried);
  counter('queue_dead_total', 'Events whose last run failed.', ({ dead }) => dead);
  counter('queue_rejected_total', 'Events that were not accepted.', ({ rejected }) => rejected);
  const late = new Counter({
    ...config('late_results_total', 'Results that came after the answer.'),
    collect: () => {
      late.reset();
      late.inc({}, handler.health().lateResults);
    },
  });
  const ready = new Gauge({
    ...config('ready', 'Whether the receiver takes callbacks.'),
    collect: () => ready.set({}, Number(handler.health().ready)),
  });
}

type Labelled = readonly (readonly [value: string, number: number])[];
