import { expect, test } from 'vitest';
import { groupOf, selfTimes } from '../bench/http/profile.js';

test.each([
  ['file:///srv/dist/esm/shared-ABC.js', 'decodeBody', 'qcloud-im-callback decodeBody'],
  ['/srv/dist/cjs/handler.js', 'receive', 'qcloud-im-callback receive'],
  ['/srv/node_modules/router/lib/layer.js', 'match', 'router'],
  ['file:///srv/node_modules/@hono/node-server/dist/index.mjs', 'listener', '@hono/node-server'],
  ['/srv/node_modules/a/node_modules/b/dist/esm/c.js', 'c', 'b'],
  ['node:_http_incoming', 'resume', 'node:_http_incoming'],
  ['file:///srv/test/bench/http/servers/node.mjs', '', 'the server of the benchmark'],
  ['', '(garbage collector)', '(garbage collector)'],
  ['', 'validate12', 'ajv, compiled schemas'],
  ['', 'writev', 'native writev'],
])('of %s, %s is code of %s', (url, functionName, group) => {
  expect(groupOf({ url, functionName })).toBe(group);
});

test('a function has the time from the sample that saw it to the next one; waiting does not count', () => {
  const node = (id: number, functionName: string, url = '') => ({ id, callFrame: { functionName, url } });
  const profile = {
    nodes: [node(1, '(idle)'), node(2, 'a', 'node:net'), node(3, 'b', 'node:net'), node(4, 'c', 'node:url')],
    samples: [2, 1, 3, 4, 2],
    timeDeltas: [1000, 10, 500, 20, 40],
  };
  expect(selfTimes(profile)).toEqual([
    ['node:url', 40],
    ['node:net', 30],
  ]);
});
