import { describe, expect, it, vi } from 'vitest';
import { CALLBACK_ERROR_CODES, CallbackError } from '../../../src/base/errors.js';
import type { FailureReport, QcloudImOptions } from '../../../src/options/options.js';
import { queued } from '../../../src/options/routes.js';
import { ok, type PlainOk } from '../../../src/protocol/answers.js';
import { COMMANDS } from '../../../src/protocol/commands.js';
import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import { textOf } from '../../../src/protocol/messages.js';
import { CallbackHandler } from '../../../src/receiver/handler.js';
import { type HttpAnswer, NO_ANSWER } from '../../support/http-client.js';
import { baseOptions } from '../../support/requests.js';
import { AFTER, type Case, type Expected } from './case.js';
import { cases } from './cases.js';
import { type Exception, exceptions } from './exceptions.js';
import type { Target } from './target.js';
import { targets } from './targets.js';

/** Long enough for every good request, and the end of one that hangs. */
const CLOSE_MS = 20;

function exceptionFor(target: Target, { id }: Case): Exception | undefined {
  return exceptions.find((one) => one.targets.includes(target.name) && one.cases.includes(id));
}

type Outcome = Case['expected'] | NonNullable<Exception['instead']>;

/** Runs a case in a place and looks at everything that came of it. */
async function check(target: Target, one: Case, expected: Outcome): Promise<void> {
  const events: AnyCallbackEvent[] = [];
  const refusals: FailureReport[] = [];
  const options: QcloudImOptions = {
    ...baseOptions,
    ...(target.path === undefined ? {} : { path: target.path }),
    onInvalid: (report) => refusals.push(report),
    ...one.options?.(),
  };
  const handler = (await target.create?.(options)) ?? new CallbackHandler(options);
  const keep = (event: AnyCallbackEvent): PlainOk => {
    events.push(event);
    return ok();
  };
  for (const { name } of COMMANDS) {
    if (!handler.has(name)) handler.register(name, name === AFTER ? queued(keep) : keep);
  }
  await one.prepare?.(handler);
  const running = await target.start(handler);
  try {
    const answer = await running.send(await one.request());
    if (expected === 'elsewhere') {
      expect(answer.status).toBe(target.elsewhere);
      expect(events).toEqual([]);
      expect(refusals).toEqual([]);
    } else if (expected === 'reported') {
      if (answer !== NO_ANSWER) expect(answer.status).toBe(400);
      await vi.waitFor(() => expect(refusals).toHaveLength(1));
      expect(refusals[0]?.error.code).toBe('body_unreadable');
      expect(events).toEqual([]);
    } else if ('by' in expected) {
      expect(answer.status).toBe(expected.status);
      expect(answer.body).not.toContain('ActionStatus');
    } else {
      checkAnswer(answer, expected);
      const { handled = [], texts = [] } = expected;
      await vi.waitFor(() => expect(events.map(({ command }) => command)).toEqual(handled));
      if (texts.length > 0) expect(events.map(textOf)).toEqual(texts);
    }
  } finally {
    await running.close();
    await handler.close({ timeoutMs: CLOSE_MS });
  }
}

function checkAnswer(answer: HttpAnswer, expected: Expected): void {
  const { status, code, text = '', allow, closes } = expected;
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)));
  const said = JSON.parse(answer.body) as Record<string, unknown>;
  if (code === undefined) {
    expect(said).toMatchObject({ ActionStatus: 'OK', ErrorInfo: text });
    expect(answer.headers['connection']).not.toBe('close');
  } else {
    const { errorCode } = new CallbackError(code, { status });
    expect(said).toMatchObject({ ActionStatus: 'FAIL', ErrorCode: errorCode });
    expect(said['ErrorInfo']).toMatch(new RegExp(`^${code}: `));
    expect(answer.body).not.toContain('secret');
  }
  if (closes) expect(answer.headers['connection']).toBe('close');
  expect(answer.headers['allow']).toBe(allow);
}

describe.each(targets)('$name', (target) => {
  for (const one of cases) {
    const exception = exceptionFor(target, one);
    const { reason, instead } = exception ?? {};
    const title = `${one.id}: ${one.title}${reason === undefined ? '.' : `; not here: ${reason}.`}`;
    // Whoever reads the report sees what is not run, and why.
    it.skipIf(exception !== undefined && instead === undefined)(title, async () => {
      await check(target, one, instead ?? one.expected);
    });
  }
});

describe('The list', () => {
  it('gives every case an id of its own and says how much it matters.', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    for (const { title } of cases) expect(title).toMatch(/^(?:MUST|SHOULD) /);
  });

  it('provokes every row of the table of errors.', () => {
    const provoked = cases.map(({ expected }) => (typeof expected === 'object' ? expected.code : undefined));
    expect(new Set(provoked)).toEqual(new Set([undefined, ...CALLBACK_ERROR_CODES]));
  });

  it('has no exception for what is not there, and none twice.', () => {
    const pairs = exceptions.flatMap((one) => one.targets.flatMap((at) => one.cases.map((id) => [at, id])));
    for (const [at = '', id = ''] of pairs) {
      expect(targets.map(({ name }) => name)).toContain(at);
      expect(cases.map((one) => one.id)).toContain(id);
    }
    expect(new Set(pairs.map(String)).size).toBe(pairs.length);
  });
});
