/**
 * The fetch entry without Node: what a bundler makes of it, how it starts, and the Worker of the examples. The list
 * of all cases runs there too, by adapters/targets-fetch.ts.
 */

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type * as fetchEntry from '../../src/fetch.js';
import type { Command } from '../../src/protocol/commands.js';
import { signedQuery } from '../../src/testing.js';
import { type Bundle, bundle, nodeNames, realmOf, VERCEL, WORKERS, WORKERS_HAVE } from '../support/edge.js';
import { baseOptions } from '../support/requests.js';
import { AFTER, BEFORE, CHINESE, messageOf } from './adapters/case.js';

const SLOW_MS = 60_000;
const TOKEN = 'demo-token';

describe.each([
  ["Vercel's edge runtime", VERCEL],
  ['Workers', WORKERS],
])('The fetch entry, bundled for %s', (_platform, conditions) => {
  let bundled: Bundle;

  beforeAll(async () => {
    bundled = await bundle('dist/esm/fetch.js', conditions);
  }, SLOW_MS);

  it('needs no other module.', () => {
    expect(bundled.imports).toEqual([]);
    expect(bundled.files).toContain('dist/esm/platform/web.js');
    expect(bundled.files).not.toContain('dist/esm/platform/node.js');
  });

  it('names no global of Node, except to ask whether it is there.', () => {
    expect(nodeNames(bundled.code)).toEqual([]);
  });

  it('starts without timers, requests and random numbers, as Workers forbid them before the first request.', async () => {
    const forbidden = vi.fn();
    const names = ['setTimeout', 'setInterval', 'fetch'];
    const { exports } = realmOf<typeof fetchEntry>(bundled, {
      ...Object.fromEntries(names.map((name) => [name, () => forbidden(name)])),
      crypto: new Proxy({}, { get: (_, name) => forbidden(name) }),
    });
    const im = exports.qcloudIm({ ...baseOptions, dedupe: { store: exports.memoryDedupeStore() } });
    await im.ready();
    expect(forbidden.mock.calls).toEqual([]);
    // They are watched, though: closing takes a timer.
    await Promise.race([im.close(), Promise.resolve()]);
    expect(forbidden.mock.calls).toEqual([['setTimeout']]);
  });
});

describe('What is looked for', () => {
  it(
    'is found where it is.',
    async () => {
      const { imports, files } = await bundle('dist/esm/node.js', VERCEL);
      expect(imports).toContain('__vite-browser-external:node:zlib');
      expect(files).toContain('dist/esm/node.js');
      expect(
        nodeNames(
          'process.exit();\nf({ Buffer });\nx.process({ process: 1 });\n// require\nt = "require";\n',
        ),
      ).toEqual(['process.exit();', 'f({ Buffer });']);
    },
    SLOW_MS,
  );

  it('is not in the realm, nor can code be made from texts there.', () => {
    const { exports } = realmOf<{ names: string[]; make: () => unknown }>({
      code: `var bundled = {
        names: [typeof process, typeof Buffer, typeof require, typeof setImmediate, typeof DecompressionStream],
        make: () => new Function('return 1')(),
      }`,
      files: [],
      imports: [],
    });
    expect(new Set(exports.names)).toEqual(new Set(['undefined']));
    expect(exports.make).toThrow('Code generation from strings disallowed');
  });
});

/** A Worker, as its platform sees it. */
interface Worker {
  fetch(
    request: Request,
    env: { readonly IM_CALLBACK_TOKEN?: string },
    context: { waitUntil(promise: Promise<unknown>): void },
  ): Promise<Response>;
}

describe('examples/worker.mjs', () => {
  let bundled: Bundle;

  beforeAll(async () => {
    bundled = await bundle('examples/worker.mjs', WORKERS);
  }, SLOW_MS);

  function start(env = { IM_CALLBACK_TOKEN: TOKEN }) {
    const steps: unknown[] = [];
    const kept: Promise<unknown>[] = [];
    const realm = realmOf<{ default: Worker }>(bundled, {
      ...WORKERS_HAVE,
      console: { log: (line: string) => steps.push(line) },
    });
    const context = {
      waitUntil(this: unknown, promise: Promise<unknown>) {
        // Workers refuse the call on anything else.
        expect(this).toBe(context);
        kept.push(promise);
      },
    };
    async function post(command: Command, text: string, token = TOKEN, path = '/im/callback') {
      const query = await signedQuery({ sdkAppId: 1400000000, token, command });
      const request = new realm.web.Request(`https://im.example${path}?${query}`, {
        method: 'POST',
        body: JSON.stringify(messageOf(command, text)),
        headers: { 'cf-connecting-ip': '192.0.2.7' },
      });
      const response = await realm.exports.default.fetch(request, env, context);
      steps.push(response.status);
      const answer = await response.text();
      return answer === '' ? undefined : (JSON.parse(answer) as unknown);
    }
    return { steps, kept, post };
  }

  it('answers signed callbacks as their texts deserve.', async () => {
    const { steps, post } = start();
    expect(await post(BEFORE, '你好')).toEqual({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
    expect(await post(BEFORE, 'buy spam')).toMatchObject({ ErrorCode: 120001, ErrorInfo: 'no spam, please' });
    expect(steps).toEqual([200, 200]);
  });

  it('refuses a wrong Sign, and answers nowhere else.', async () => {
    const { steps, post } = start();
    expect(await post(BEFORE, 'hello', 'other-token')).toMatchObject({ ErrorCode: 40106 });
    expect(await post(BEFORE, 'hello', TOKEN, '/')).toBeUndefined();
    expect(steps).toEqual([401, 404]);
  });

  it('hands the work on group messages to waitUntil.', async () => {
    const { steps, kept, post } = start();
    expect(await post(AFTER, CHINESE)).toMatchObject({ ErrorCode: 0 });
    expect(kept).toHaveLength(1);
    await Promise.all(kept);
    expect(steps).toContain(`archived: ${CHINESE}`);
  });

  it('does not run without its token.', async () => {
    await expect(start({ IM_CALLBACK_TOKEN: '' }).post(BEFORE, 'hello')).rejects.toMatchObject({
      code: 'token_missing',
    });
  });
});
