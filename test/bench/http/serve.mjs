// The process that is measured. Started as `node serve.mjs NAME`, it does what its parent asks, one thing at a time.
// Plain JavaScript, because no loader may stand between Node and what is measured.

import { once } from 'node:events';
import { Session } from 'node:inspector/promises';

const SAMPLE_EVERY_MICROS = 200;

const { default: server, receive } = await import(`./servers/${process.argv[2]}.mjs`);

const session = new Session();

const tasks = {
  receive,
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async startProfile() {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROS });
    await session.post('Profiler.start');
  },
  async stopProfile() {
    const { profile } = await session.post('Profiler.stop');
    return profile;
  },
};

process.on('message', async ({ task, ...parameters }) => {
  process.send({ result: await tasks[task](parameters) });
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());

if (server !== undefined) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
process.send({ result: { port: server?.address().port, nodeVersion: process.versions.node } });
