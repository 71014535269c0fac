/**
 * Damages the directory of a disk queue in every way that a disk, a person or a backup can, opens it, and holds
 * what is handled against what had been accepted: what is missing is reported, exactly, or the directory is refused.
 */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DiskQueue, diskQueue } from '../../src/queue/disk/disk.js';
import { until } from '../support/disk-queues.js';
import { Recorder, sampleEvent } from '../support/queue-events.js';

/** A directory at some moment, with the events that were accepted and not done then. */
interface Moment {
  readonly dir: string;
  readonly owed: ReadonlySet<string>;
}

/** What came of a damage. */
interface Outcome {
  readonly kind: string;
  readonly lost: number;
  readonly reported: number;
  readonly copied: boolean;
  readonly refused: string;
}

const root = mkdtempSync(join(tmpdir(), 'disk-damage-'));
const outcomes: Outcome[] = [];
let early: Moment;
let late: Moment;

const noise = (): string => Array.from({ length: 60 }, () => Math.random().toString(36)).join('');

/** A queue whose handlers end when they are told to. */
class Bench {
  readonly owed = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  readonly consumer = new Recorder(({ id }) => {
    if (id.endsWith('7')) throw new Error('no luck');
    return new Promise<void>((resolve) => {
      this.#waiting.set(id, resolve);
    });
  });
  readonly #dir: string;
  #queue: DiskQueue;
  #next = 0;

  constructor(dir: string) {
    this.#dir = dir;
    this.#queue = diskQueue({ dir, workers: 8 });
  }

  async open(): Promise<void> {
    this.#queue = diskQueue({ dir: this.#dir, workers: 8 });
    await this.#queue.open();
    this.#queue.start(this.consumer);
  }

  async accept(count: number): Promise<void> {
    for (let group = 0; group < count; group += 10) {
      const ids = Array.from({ length: 10 }, (_, index) => String(this.#next + index));
      this.#next += 10;
      await Promise.all(ids.map((id) => this.#queue.enqueue(sampleEvent(id, { noise: noise() }))));
      for (const id of ids) this.owed.add(id);
    }
  }

  async handle(count: number): Promise<void> {
    for (let done = 0; done < count; done += 1) {
      await until(() => expect(this.#waiting.size).toBeGreaterThan(0));
      for (const [id, resolve] of [...this.#waiting].slice(-1)) {
        this.#waiting.delete(id);
        resolve();
        await until(() => expect(this.consumer.completed).toContain(id));
        this.owed.delete(id);
      }
    }
    // Until the news of it is on disk.
    await this.#queue.dead({ limit: 1 });
  }

  close(): Promise<unknown> {
    this.#waiting.clear();
    return this.#queue.close({ timeoutMs: 0 });
  }
}

beforeAll(async () => {
  const dir = join(root, 'queue');
  const bench = new Bench(dir);
  for (let session = 0; session < 2; session += 1) {
    await bench.open();
    await bench.accept(1_300);
    await bench.handle(60);
    await bench.close();
  }
  await bench.open();
  const moment = (name: string): Moment => {
    cpSync(dir, join(root, name), { recursive: true });
    return { dir: join(root, name), owed: new Set(bench.owed) };
  };
  await bench.accept(200);
  await bench.handle(20);
  early = moment('early');
  await bench.accept(200);
  await bench.handle(40);
  late = moment('late');
  await bench.close();
}, 60_000);

afterAll(() => {
  const line = (cells: readonly (string | number | boolean)[]) => `| ${cells.join(' | ')} |`;
  console.log(
    [
      line(['damage', 'lost', 'reported', 'said to be a copy', 'refused']),
      line(['---', '---', '---', '---', '---']),
      ...outcomes.map((outcome) => line(Object.values(outcome))),
    ].join('\n'),
  );
  rmSync(root, { recursive: true });
});

/** Opens a damaged directory and works it off. */
async function outcomeOf(kind: string, { dir, owed }: Moment): Promise<Outcome> {
  const queue = diskQueue({ dir, workers: 50 });
  const consumer = new Recorder(() => undefined);
  let refused = '';
  const ids = new Set<string>();
  const before = readdirSync(dir);
  try {
    await queue.open();
    queue.start(consumer);
    const { timedOut } = await queue.close();
    expect(timedOut).toBe(false);
    const again = diskQueue({ dir });
    await again.open();
    again.start(consumer);
    for (const letter of await again.dead({ limit: 10_000 })) ids.add(letter.id);
    await again.close();
  } catch (thrown) {
    refused = String((thrown as { code?: string }).code ?? thrown);
    const after = readdirSync(dir);
    expect(before.filter((file) => !after.includes(file))).toEqual([]);
    await queue.close();
  }
  for (const id of consumer.completed) ids.add(id);
  const lost = refused === '' ? [...owed].filter((id) => !ids.has(id)).length : 0;
  const reports = consumer.problems.map(({ kind: what, error }) => [what, error.message] as const);
  const missing = reports.map(([, text]) => Number(/(\d+) accepted events .* missing/.exec(text)?.[1] ?? 0));
  const invalid = reports.filter(([what]) => what === 'invalid').length;
  const reported = missing.reduce((sum, count) => sum + count, invalid);
  const copied = reports.some(([, text]) => text.includes('is a copy'));
  return { kind, lost, reported, copied, refused };
}

type Damage = (file: string, name: string) => void;

const DAMAGES: Readonly<Record<string, Damage>> = {
  'first byte flipped': (file) => flip(file, () => 0),
  'a byte in the middle flipped': (file) => flip(file, (size) => Math.floor(size / 2)),
  'a byte at three quarters flipped': (file) => flip(file, (size) => Math.floor((3 * size) / 4)),
  'last byte flipped': (file) => flip(file, (size) => size - 1),
  'cut by half': (file) => writeFileSync(file, readFileSync(file).subarray(0, statSync(file).size / 2)),
  'cut to nothing': (file) => writeFileSync(file, ''),
  zeroed: (file) => writeFileSync(file, Buffer.alloc(statSync(file).size)),
  'a page zeroed': (file) => {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0, Math.min(4_096, bytes.length >> 1), Math.min(8_192, bytes.length)));
  },
  removed: (file) => rmSync(file),
  'replaced by an older copy': (file, name) => {
    rmSync(file);
    cpSync(join(early.dir, name), file);
  },
};

function flip(file: string, at: (size: number) => number): void {
  const bytes = readFileSync(file);
  const place = at(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
}

const TARGETS: Readonly<Record<string, (dir: string) => string | undefined>> = {
  CURRENT: () => 'CURRENT',
  MANIFEST: (dir) => filesOf(dir, /^MANIFEST/).at(-1),
  'the log': (dir) => filesOf(dir, /\.log$/).at(-1),
  'the first table': (dir) => filesOf(dir, /\.ldb$/)[0],
  'the last table': (dir) => filesOf(dir, /\.ldb$/).at(-1),
  'the witness': () => 'WITNESS',
};

function filesOf(dir: string, pattern: RegExp): string[] {
  return readdirSync(dir)
    .filter((name) => pattern.test(name))
    .sort();
}

function expectHonest(outcome: Outcome): void {
  outcomes.push(outcome);
  if (outcome.refused === '') expect(outcome.reported).toBe(outcome.lost);
  else expect(outcome.refused).toBe('queue_damaged');
}

const cases = Object.keys(TARGETS).flatMap((target) =>
  Object.keys(DAMAGES).map((damage) => [target, damage]),
);

/** A copy of a moment, to be damaged. */
function copyOf(moment: Moment, name: string): Moment {
  const dir = join(root, name.replaceAll('/', ' '));
  cpSync(moment.dir, dir, { recursive: true });
  return { dir, owed: moment.owed };
}

describe('a directory of which a part is damaged', () => {
  it.each(cases)('%s: %s', async (target = '', damage = '') => {
    const kind = `${target}: ${damage}`;
    const moment = copyOf(late, kind);
    const name = TARGETS[target]?.(moment.dir) ?? '';
    DAMAGES[damage]?.(join(moment.dir, name), name);
    expectHonest(await outcomeOf(kind, moment));
  });
});

describe('a directory', () => {
  it('that is empty but for the witness has lost everything', async () => {
    const kind = 'everything removed but the witness';
    const moment = copyOf(late, kind);
    for (const file of readdirSync(moment.dir).filter((name) => name !== 'WITNESS'))
      rmSync(join(moment.dir, file));
    const outcome = await outcomeOf(kind, moment);
    expectHonest(outcome);
    expect(outcome.lost).toBe(late.owed.size);
  });

  it('of which all tables and the log are gone is refused', async () => {
    const kind = 'all tables and the log removed';
    const moment = copyOf(late, kind);
    for (const file of filesOf(moment.dir, /^\d/)) rmSync(join(moment.dir, file));
    const outcome = await outcomeOf(kind, moment);
    expectHonest(outcome);
  });

  it('that was copied while its process ran, or restored from a copy, says so', async () => {
    const outcome = await outcomeOf('restored from an older copy of everything', copyOf(early, 'restored'));
    expectHonest(outcome);
    expect(outcome.copied).toBe(true);
  });

  it('whose store was restored from an older copy, but not its witness, tells what is missing', async () => {
    const kind = 'all but the witness replaced by an older copy';
    const moment = copyOf(early, kind);
    cpSync(join(late.dir, 'WITNESS'), join(moment.dir, 'WITNESS'));
    const outcome = await outcomeOf(kind, { ...moment, owed: late.owed });
    expectHonest(outcome);
    expect(outcome.lost).toBeGreaterThan(0);
  });

  it.each(['CURRENT', 'MANIFEST', 'the log'])(
    'with %s alone of an older copy and the rest newer',
    async (target) => {
      const kind = `copied while running: ${target} first`;
      const moment = copyOf(late, kind);
      const name = TARGETS[target]?.(early.dir) ?? '';
      cpSync(join(early.dir, name), join(moment.dir, name));
      expectHonest(await outcomeOf(kind, moment));
    },
  );

  it('with a table that was not finished when the process was killed is not damaged', async () => {
    const kind = 'a table begun and not finished';
    const moment = copyOf(late, kind);
    const table = readFileSync(join(moment.dir, filesOf(moment.dir, /\.ldb$/)[0] ?? ''));
    writeFileSync(join(moment.dir, '009999.ldb'), table.subarray(0, table.length / 2));
    const outcome = await outcomeOf(kind, moment);
    expectHonest(outcome);
    expect(outcome).toMatchObject({ lost: 0, refused: '' });
  });
});
