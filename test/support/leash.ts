/** A process that ends with this one, however this one ends: a run that is killed leaves nothing running. */

import { type ChildProcess, spawn } from 'node:child_process';

/** Reads until this process is gone and its pipe with it; kills what it was told to kill then. */
const WATCH = 'read -r _; kill -9 "$0"';

/** Has a process killed when this one ends before it. Where there is no shell nothing is done. */
export function leash(child: ChildProcess): void {
  if (child.pid === undefined) return;
  // In a group of its own, as Ctrl-C ends everything in ours.
  const watcher = spawn('sh', ['-c', WATCH, String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined);
  child.once('exit', () => watcher.kill('SIGKILL'));
}
