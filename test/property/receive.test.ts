import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { CALLBACK_ERROR_CODES, CallbackError } from '../../src/base/errors.js';
import { COMMANDS } from '../../src/protocol/commands.js';
import type { BodyContent, CallbackRequest, CallbackResponse } from '../../src/protocol/http.js';
import { itemsOf } from '../../src/protocol/items.js';
import { elementsOf, textOf } from '../../src/protocol/messages.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { sampleBody } from '../../src/testing.js';
import { baseOptions, requestOf, signedQueryFor } from '../support/requests.js';

/** Reads all that can be read of an event, as a handler might. */
const handler = new CallbackHandler({
  ...baseOptions,
  invalidBody: 'accept',
  bodyLimit: 100_000,
  defaultHandler(event) {
    textOf(event);
    elementsOf(event);
    itemsOf(event);
    JSON.stringify([
      event,
      event.time,
      event.dedupeKey,
      event.platform,
      event.phase,
      event.extra('constructor'),
    ]);
  },
});
const strict = new CallbackHandler({ ...baseOptions, onFailure: 'refuse', bodyLimit: 100_000 });

const unhandled = vi.fn();

beforeAll(() => {
  process.on('unhandledRejection', unhandled);
});

afterAll(() => {
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

function expectForm({ status, headers, body }: CallbackResponse): void {
  const answer = JSON.parse(body) as Record<string, unknown>;
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  expect(['OK', 'FAIL']).toContain(answer['ActionStatus']);
  expect(Number.isSafeInteger(answer['ErrorCode'])).toBe(true);
  expect(typeof answer['ErrorInfo']).toBe('string');
  expect(status === 200).toBe(answer['ActionStatus'] === 'OK');
  if (status !== 200) {
    const code = CALLBACK_ERROR_CODES.find((one) => String(answer['ErrorInfo']).startsWith(`${one}: `));
    expect(code).toBeDefined();
    expect(code).not.toBe('internal');
    expect(answer['ErrorCode']).toBe(status * 100 + (new CallbackError(code ?? 'internal').errorCode % 100));
  }
}

async function expectAnswers(request: CallbackRequest): Promise<void> {
  expectForm(await handler.receive(request));
  expectForm(await strict.receive(request));
}

const anything = fc.anything({
  withNullPrototype: true,
  withDate: true,
  withMap: true,
  withBigInt: true,
  withSparseArray: true,
  withTypedArray: true,
});
const content: fc.Arbitrary<BodyContent> = fc.oneof(
  fc.uint8Array(),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.json().map((text) => new TextEncoder().encode(text)),
  anything.map((parsed) => ({ parsed })),
);
const command = fc.oneof(fc.constantFrom(...COMMANDS.map(({ name }) => name)), fc.string());

it('answers any request in the documented form', async () => {
  const method = fc.oneof(fc.constant('POST'), fc.string());
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.oneof(fc.string(), fc.webQueryParameters()),
      content,
      async (verb, query, body) => {
        await expectAnswers(requestOf(query, body, { method: verb }));
      },
    ),
  );
});

it('answers any body of a trusted sender in the documented form', async () => {
  await fc.assert(
    fc.asyncProperty(command, content, async (name, body) => {
      await expectAnswers(requestOf(await signedQueryFor(name), body));
    }),
    { numRuns: 400 },
  );
});

it('answers any change of a documented body in the documented form', async () => {
  const known = fc.constantFrom(...COMMANDS.map(({ name }) => name));
  const value = fc.jsonValue();
  await fc.assert(
    fc.asyncProperty(
      known,
      fc.nat(),
      fc.array(fc.nat(), { maxLength: 6 }),
      value,
      async (name, first, path, by) => {
        const body = sampleBody(name);
        let place: unknown = body;
        for (const step of [first, ...path]) {
          if (typeof place !== 'object' || place === null) break;
          const fields = place as Record<string, unknown>;
          const names = Object.keys(fields);
          const key = names[step % names.length];
          if (key === undefined) break;
          const next = fields[key];
          if (typeof next !== 'object' || next === null || step % 3 === 0) {
            fields[key] = by;
            break;
          }
          place = next;
        }
        await expectAnswers(requestOf(await signedQueryFor(name), JSON.stringify(body)));
      },
    ),
    { numRuns: 800 },
  );
});

it('answers whatever a reader of bodies throws', async () => {
  await fc.assert(
    fc.asyncProperty(anything, fc.boolean(), async (thrown, later) => {
      const read = (): Promise<BodyContent> => {
        if (later) return Promise.reject(thrown);
        throw thrown;
      };
      const silent = new CallbackHandler(baseOptions);
      const response = await silent.receive(
        requestOf(await signedQueryFor('My.Command'), '', { read, received: false }),
      );
      expect(response).toMatchObject({ status: 500, closeConnection: true });
      expect(JSON.parse(response.body)).toMatchObject({ ActionStatus: 'FAIL', ErrorCode: 50019 });
    }),
  );
});

it('answers whatever a handler returns or throws', async () => {
  await fc.assert(
    fc.asyncProperty(command, anything, fc.boolean(), async (name, value, throws) => {
      const giving = new CallbackHandler({
        ...baseOptions,
        invalidBody: 'accept',
        beforeHook() {
          if (throws) throw value;
          return value as undefined;
        },
      });
      expectForm(
        await giving.receive(requestOf(await signedQueryFor(name), '{"FriendItem":[null,{"To_Account":1}]}')),
      );
    }),
  );
});
