/** Puts load on one subject and takes its figures. */

import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import type { EventConsumer } from '../../../src/queue/queue.js';
import type { EventSource } from './events.js';

/** Something that takes events: one of our queues, or what one would write without it. */
export interface Subject {
  /** Puts an event in. Resolves when it is accepted. */
  accept(event: AnyCallbackEvent): unknown;
  /** Resolves when so many events, counted from the start, are handled. Absent: nothing handles them. */
  handled?(count: number): Promise<unknown>;
  /**
   * Whether an event is accepted at once, so that nobody waits for it: then those in flight are put in
   * together, and the next ones when all of them are handled.
   */
  readonly accepts?: 'at once';
  end(): Promise<unknown>;
}

/** How much load. */
export interface Amount {
  readonly events: number;
  readonly inFlight: number;
}

/** What is measured. */
export interface Figures {
  readonly acceptedPerSecond: number;
  /** Until the last one was handled. Absent where nothing handles them. */
  readonly handledPerSecond?: number;
  /** Of the whole Node process, its threads included. */
  readonly cpuMicrosPerEvent: number;
}

/**
 * What is put in before anything is measured. Less, and most of what is measured is the compiling of the code:
 * BullMQ takes four times as much for its first events.
 */
const WARM_UP: Amount = { events: 4_000, inFlight: 50 };

/** Measures a subject and ends it. */
export async function measureSubject(
  subject: Subject,
  source: EventSource,
  amount: Amount,
): Promise<Figures> {
  const run = new Run(subject, source);
  await run.put(WARM_UP);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const accepted = await run.put(amount);
  const end = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  await subject.end();
  const perSecond = (until: number): number => (amount.events / (until - begin)) * 1000;
  return {
    acceptedPerSecond: perSecond(accepted),
    ...(subject.handled === undefined ? {} : { handledPerSecond: perSecond(end) }),
    cpuMicrosPerEvent: (user + system) / amount.events,
  };
}

class Run {
  readonly #subject: Subject;
  readonly #source: EventSource;
  #sent = 0;

  constructor(subject: Subject, source: EventSource) {
    this.#subject = subject;
    this.#source = source;
  }

  /** Resolves, when all is done, with the time at which the last event was accepted. */
  async put(amount: Amount): Promise<number> {
    await (this.#subject.accepts === undefined ? this.#byCallers(amount) : this.#inBursts(amount));
    const accepted = performance.now();
    await this.#subject.handled?.(this.#sent);
    return accepted;
  }

  async #byCallers({ events, inFlight }: Amount): Promise<void> {
    const until = this.#sent + events;
    const caller = async (): Promise<void> => {
      while (this.#sent < until) await this.#accept();
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
  }

  async #inBursts({ events, inFlight }: Amount): Promise<void> {
    const until = this.#sent + events;
    while (this.#sent < until) {
      for (let left = Math.min(inFlight, until - this.#sent); left > 0; left -= 1) this.#accept();
      await this.#subject.handled?.(this.#sent);
    }
  }

  #accept(): unknown {
    this.#sent += 1;
    return this.#subject.accept(this.#source.next());
  }
}

/** A handler that does nothing, and counts. */
export class Tally {
  #count = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #reached: (() => void) | undefined;

  readonly handle = async (): Promise<void> => {
    this.#count += 1;
    if (this.#count >= this.#wanted) this.#reached?.();
  };

  /** Resolves when there were so many. */
  reach(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wanted = count;
      this.#reached = resolve;
    });
  }
}

/** The consumer of a queue that is measured: a problem ends the measurement, for its figures would be wrong. */
export function consumerOf({ decode }: EventSource, { handle }: Tally): EventConsumer {
  return {
    decode,
    consume: handle,
    report: ({ kind, error }) => {
      console.error(kind, error);
      process.exit(1);
    },
  };
}
