/** The engine of the queues under test, with an owner that remembers what it was told. */

import type { PoolLimits } from '../../src/queue/pool/worker-pool.js';
import { EventRuns, type RunsOwner } from '../../src/queue/run.js';
import { type RunOptions, resolveRunOptions } from '../../src/queue/run-options.js';
import { Gates, type Handle, Recorder, sampleEvent } from './queue-events.js';

export interface RunsSettings extends RunOptions {
  /** Defaults to 100 places that wait, and no assist workers. */
  readonly limits?: Partial<PoolLimits>;
  /** Called after what happened was noted. Defaults to nothing. */
  readonly owner?: Partial<RunsOwner<string>>;
  /** What runs. Defaults to handlers that the gates hold. */
  readonly handle?: Handle;
}

/** Started runs of events that are known by their ids. */
export function runsBench({ limits, owner = {}, handle, ...options }: RunsSettings = {}) {
  const gates = new Gates();
  const consumer = new Recorder(handle ?? gates.handle);
  /** Such as `completed a`. */
  const told: string[] = [];
  const runs = new EventRuns<string>(
    resolveRunOptions(options),
    { capacity: 100, assistMax: 0, idleMs: 1_000, ...limits },
    {
      completed(entry) {
        told.push(`completed ${entry.item}`);
        return owner.completed?.(entry);
      },
      failed(entry) {
        told.push(`failed ${entry.item}`);
        return owner.failed?.(entry);
      },
      dead(entry, error) {
        told.push(`dead ${entry.item}`);
        return owner.dead?.(entry, error);
      },
      ended(entry) {
        told.push(`ended ${entry.item}`);
        owner.ended?.(entry);
      },
    },
  );
  const take = (id: string, attempt?: number): boolean => {
    const event = sampleEvent(id);
    return runs.take(id, event, runs.keyOf(event), attempt);
  };
  return { runs, consumer, gates, told, take, start: () => runs.start(consumer) };
}
