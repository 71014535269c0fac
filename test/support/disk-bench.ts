/**
 * How fast the disk queue accepts events: `npx tsx test/support/disk-bench.ts [events] [in flight] [sync]`.
 * Prints one line of JSON. Handlers do nothing, so each event is written and removed.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventFrom } from '../../src/event.js';
import { diskQueue } from '../../src/queue/disk.js';
import { Recorder } from './queue-events.js';

const [total, inFlight] = process.argv.slice(2, 4).map(Number);
const events = total || 200_000;
const callers = inFlight || 50;
const sync = process.argv[4] === 'sync';

const COMMAND = 'Group.CallbackAfterSendMsg';
const body = {
  CallbackCommand: COMMAND,
  GroupId: '@TGS#2J4SZEAEL',
  From_Account: 'mika',
  MsgSeq: 123,
  MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'x'.repeat(600) } }],
};
const rawBody = new TextEncoder().encode(JSON.stringify(body));
const params = {
  SdkAppid: '1400000000',
  CallbackCommand: COMMAND,
  ContentType: 'json',
  ClientIP: '127.0.0.1',
  OptPlatform: 'RESTAPI',
};

const dir = await mkdtemp(join(tmpdir(), 'disk-bench-'));
const queue = diskQueue({ dir, sync });
await queue.open();
queue.start(new Recorder());

let left = events;
const callerLoop = async (): Promise<void> => {
  while (left-- > 0) {
    await queue.enqueue(eventFrom({ command: COMMAND, params, body, rawBody, receivedAt: Date.now() }), {
      timeoutMs: 1800,
    });
  }
};
const cpu = process.cpuUsage();
const begin = performance.now();
await Promise.all(Array.from({ length: callers }, callerLoop));
const accepted = performance.now();
await queue.close({ timeoutMs: 60_000 });
const { user, system } = process.cpuUsage(cpu);
const { completed } = queue.stats();
await rm(dir, { recursive: true });
console.log(
  JSON.stringify({
    events,
    callers,
    sync,
    bodyBytes: rawBody.byteLength,
    acceptedPerSecond: Math.round((events / (accepted - begin)) * 1000),
    completed,
    drainMs: Math.round(performance.now() - accepted),
    cpuMicrosPerEvent: Number(((user + system) / events).toFixed(1)),
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  }),
);
