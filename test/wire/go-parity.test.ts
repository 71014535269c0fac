/** The scenarios of the Go package `qcloud_im_callback`, whose place this package takes. */

import { describe, expect, it, vi } from 'vitest';
import { version } from '../../src/generated/version.js';
import type { QcloudImOptions } from '../../src/options/options.js';
import { queued } from '../../src/options/routes.js';
import { ok, refuse } from '../../src/protocol/answers.js';
import { isCommand } from '../../src/protocol/commands.js';
import { memoryQueue } from '../../src/queue/memory/memory.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { sampleBody } from '../../src/testing.js';
import goCommands from '../fixtures/go-commands.json' with { type: 'json' };
import goItem from '../fixtures/go-list-item.json' with { type: 'json' };
import { baseOptions, callbackOf, jsonOf } from '../support/requests.js';

const BEFORE = 'C2C.CallbackBeforeSendMsg';
const AFTER = 'Group.CallbackAfterSendMsg';
const JOIN = 'Group.CallbackAfterNewMemberJoin';

/** A plain answer, because `refuse` does not compile for commands whose answer nobody reads. */
const coded = (ErrorCode: number) => ({ ActionStatus: 'OK', ErrorCode, ErrorInfo: '' }) as const;

function setUp(options: Partial<QcloudImOptions> = {}) {
  const steps: string[] = [];
  const handler = new CallbackHandler({ ...baseOptions, ...options });
  const codeOf = async (command: string) => {
    const body = isCommand(command) ? sampleBody(command) : { a: 1 };
    return jsonOf(await handler.receive(await callbackOf(command, body)))['ErrorCode'];
  };
  return { handler, steps, codeOf };
}

describe('what the Go package names', () => {
  it.each(goCommands)('%s, documented in 2017, is a command here, too', (name) => {
    expect(isCommand(name)).toBe(true);
  });

  it('has a version', () => {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('the order', () => {
  it('is hook, route, default', async () => {
    const { handler, steps, codeOf } = setUp();
    handler.registerDefaultHandler(() => {
      steps.push('default');
      return refuse(103);
    });
    handler.registerBeforeHook(({ command }) => {
      steps.push('hook');
      return command === JOIN ? refuse(101) : undefined;
    });
    handler.register(BEFORE, () => {
      steps.push('route');
      return refuse(120005);
    });
    handler.register(JOIN, () => {
      steps.push('never');
    });
    expect(await codeOf(BEFORE)).toBe(120005);
    expect(await codeOf(JOIN)).toBe(101);
    expect(await codeOf(AFTER)).toBe(103);
    expect(await codeOf('My.Command')).toBe(103);
    expect(steps).toEqual(['hook', 'route', 'hook', 'hook', 'default', 'hook', 'default']);
  });
});

describe('queued routes', () => {
  it('answer at once with asyncResponse, and the hook runs first', async () => {
    const { handler, steps, codeOf } = setUp({ beforeHook: () => void steps.push('hook') });
    const handle = async () => void steps.push('handled');
    handler.register(AFTER, {
      async: true,
      asyncResponse: { ActionStatus: 'OK', ErrorCode: 9, ErrorInfo: 'x' },
      handle,
    });
    expect(await codeOf(AFTER)).toBe(9);
    await handler.close();
    expect(steps).toEqual(['hook', 'handled']);
  });

  it('that are written out answer with the default handler without one, and ok() without that', async () => {
    const { handler, codeOf } = setUp();
    handler.register(AFTER, { async: true, handle: () => refuse(1) });
    expect(await codeOf(AFTER)).toBe(0);
    handler.registerDefaultHandler(() => refuse(103));
    expect(await codeOf(AFTER)).toBe(103);
    await handler.close();
  });

  it('are not queued when the hook answers', async () => {
    const { handler, codeOf } = setUp({ beforeHook: () => refuse(101) });
    handler.register(
      AFTER,
      queued(() => undefined),
    );
    expect(await codeOf(AFTER)).toBe(101);
    expect(handler.stats().accepted).toBe(0);
  });
});

describe('registrations', () => {
  it('are replaced and removed, also after traffic has started', async () => {
    const { handler, codeOf } = setUp({ defaultHandler: () => refuse(103) });
    expect(handler.has(AFTER)).toBe(false);
    expect(handler.get(AFTER)).toBeUndefined();
    expect(await codeOf(AFTER)).toBe(103);
    const first = () => coded(1);
    handler.register(AFTER, first);
    expect(handler.get(AFTER)?.handle).toBe(first);
    expect(await codeOf(AFTER)).toBe(1);
    handler.register(AFTER, { handle: () => coded(7) });
    expect(await codeOf(AFTER)).toBe(7);
    expect(handler.has(AFTER)).toBe(true);
    expect(handler.unregister(AFTER)).toBe(true);
    expect(handler.unregister(AFTER)).toBe(false);
    expect(await codeOf(AFTER)).toBe(103);
  });

  it('of hook and default handler are replaced, and the hook removed', async () => {
    const { handler, codeOf } = setUp();
    handler.registerBeforeHook(() => refuse(101)).registerDefaultHandler(() => refuse(103));
    expect(await codeOf(AFTER)).toBe(101);
    handler.registerBeforeHook(undefined);
    expect(await codeOf(AFTER)).toBe(103);
    handler.registerDefaultHandler(() => ok());
    expect(await codeOf(AFTER)).toBe(0);
  });

  it('of commands that nobody documents have a place of their own', async () => {
    const { handler, codeOf } = setUp({ otherHandlers: { 'My.Command': () => refuse(5) } });
    expect(await codeOf('My.Command')).toBe(5);
    handler.registerOther('My.Command', () => refuse(6));
    expect(await codeOf('My.Command')).toBe(6);
    expect(() => handler.registerOther(AFTER, ok)).toThrow(/^command_unknown/);
    // @ts-expect-error a command that is misspelt
    expect(() => handler.register('Group.CallbackAfterSendMg', ok)).toThrow(
      /did you mean Group.CallbackAfterSendMsg/,
    );
  });
});

describe('events without HTTP', () => {
  it('are built from parameters and bytes, decoded and run', async () => {
    const { handler } = setUp({
      handlers: { [AFTER]: (event) => coded(event.body.GroupId === '@TGS#1' ? 7 : 8) },
    });
    const event = handler.createEvent(goItem.URLParams, Buffer.from(goItem.Body, 'base64'));
    expect(event).toMatchObject({ command: AFTER, known: true, phase: 'after' });
    expect(event.id).not.toBe('');
    expect(JSON.parse(JSON.stringify(event))).toMatchObject(goItem);
    expect(await handler.handle(event)).toMatchObject({ ErrorCode: 7 });
  });

  it('are refused like requests, but for the signature', () => {
    const { handler } = setUp();
    const create = (params: object, body: string) => () => handler.createEvent(params, body);
    expect(create({}, '{}')).toThrow(/^query_invalid/);
    expect(create(goItem.URLParams, '[]')).toThrow(/^body_not_json/);
    expect(create(goItem.URLParams, '{"CallbackCommand":"x"}')).toThrow(/^command_mismatch/);
    expect(create(goItem.URLParams, '')).toThrow(/^body_invalid/);
    expect(handler.createEvent({ SdkAppid: '1', CallbackCommand: 'My.Command' }, '').body).toEqual({});
  });

  it('are built again from a list that the Go package wrote', async () => {
    const now = vi.fn(() => 77);
    let decoded: unknown;
    const real = memoryQueue();
    const { handler } = setUp({
      now,
      queue: {
        open: () => real.open(),
        start(consumer) {
          decoded = consumer.decode(JSON.stringify(goItem));
          expect(() => consumer.decode('no event')).toThrow(/^body_not_json/);
          expect(consumer.decode({ ...goItem, Id: 'i', ReceivedAt: 5 })).toMatchObject({
            id: 'i',
            receivedAt: new Date(5),
          });
          consumer.report({ error: new Error('x') as never, kind: 'invalid' });
          real.start(consumer);
        },
        enqueue: (event, bounds) => real.enqueue(event, bounds),
        stats: () => real.stats(),
        close: (bounds) => real.close(bounds),
      },
    });
    await handler.ready();
    expect(decoded).toMatchObject({ command: AFTER, receivedAt: new Date(77), body: { GroupId: '@TGS#1' } });
  });
});

describe('workers', () => {
  it('are two numbers, as ConsumerNumGoroutine gives them, and a bad number is refused', async () => {
    const { handler } = setUp({ queue: memoryQueue({ workers: 2 }) });
    await handler.ready();
    expect(handler.workers()).toEqual({ master: 2, assistActive: 0 });
    expect(() => memoryQueue({ workers: 0 })).toThrow(/^option_invalid/);
  });
});
