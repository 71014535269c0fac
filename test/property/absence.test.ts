import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadSchemas, resolve, type Schema } from '../../scripts/generate/load.js';
import { COMMANDS, type Command } from '../../src/protocol/commands.js';
import { CallbackHandler } from '../../src/receiver/handler.js';
import { sampleBody } from '../../src/testing.js';
import { isRecord } from '../support/catalogue.js';

const schemas = loadSchemas();
const receiver = new CallbackHandler({ sdkAppId: false, token: false, logger: false });

/** A message with an element of each documented type, and with forwarded messages that hold all of them again. */
function message(levels: number): object[] {
  const contents: Readonly<Record<string, object>> = {
    TIMTextElem: { Text: 'a' },
    TIMLocationElem: { Desc: 'a', Latitude: '39.9', Longitude: 116 },
    TIMFaceElem: { Index: 1, Data: 'a' },
    TIMCustomElem: { Data: '{}', Desc: 'a', Ext: 'a', Sound: 'a' },
    TIMSoundElem: { Url: 'a', UUID: 'a', Size: '7', Second: 2.5 },
    TIMImageElem: { UUID: 'a', ImageFormat: 1, ImageInfoArray: [{ Type: 1, Size: 0 }, { URL: 'a' }] },
    TIMFileElem: { FileName: 'a', FileSize: 7 },
    TIMVideoFileElem: { VideoSecond: 0.4, VideoFormat: 'mp4' },
    TIMStreamElem: { Chunks: [{ Index: 0, Markdown: 'a', IsLast: true }], CompatibleText: 'a' },
    MyElem: { Text: null },
    ...(levels === 0
      ? {}
      : { TIMRelayElem: { Title: 'a', MsgList: [{ MsgSeq: 1, MsgBody: message(levels - 1) }] } }),
  };
  return Object.entries(contents).map(([MsgType, MsgContent]) => ({ MsgType, MsgContent }));
}

/** A field that may be missing: the object it is in, by the way to it, and its name. */
interface Place {
  readonly way: readonly (string | number)[];
  readonly name: string;
}

/** All fields of a body that its schema does not require, read from the schema as it is published. */
function placesIn(value: unknown, schema: Schema, base: string, way: Place['way'] = []): Place[] {
  if (schema.$ref) {
    const id = new URL(schema.$ref, base).href;
    return placesIn(value, resolve(schema.$ref, base, schemas), id, way);
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => placesIn(item, items, base, [...way, index]));
  }
  if (!isRecord(value)) return [];
  const cases = (schema.allOf ?? []).flatMap(({ if: test, then }) => {
    const [name, wanted] = Object.entries(test?.properties ?? {})[0] ?? ['', {}];
    if (then === undefined || value[name] !== wanted.const) return [];
    return Object.entries(then.properties ?? {}).flatMap(([field, inside]) =>
      placesIn(value[field], inside, base, [...way, field]),
    );
  });
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inside]) => [
    ...(schema.required?.includes(name) === true ? [] : [{ way, name }]),
    ...placesIn(value[name], inside, base, [...way, name]),
  ]);
  return [...cases, ...own];
}

/** Calls back with the object at the end of a way; not where the way ends before. */
function visit(body: unknown, { way, name }: Place, change: (holder: Record<string, unknown>) => void): void {
  let holder: unknown = body;
  for (const step of way) holder = (holder as Readonly<Record<string, unknown>> | undefined | null)?.[step];
  if (isRecord(holder) && name !== '') change(holder);
}

function fullBody(command: Command): Record<string, unknown> {
  const body = sampleBody(command);
  return 'MsgBody' in body ? { ...body, MsgBody: message(1) } : body;
}

function seen(command: Command, body: unknown): unknown {
  return receiver.createEvent({ SdkAppid: '1', CallbackCommand: command }, JSON.stringify(body)).body;
}

const cases = COMMANDS.map(({ name }) => {
  const schema = schemas.commands.get(name) as Schema;
  return { name, places: placesIn(fullBody(name), schema, schema.$id ?? '') };
});

it('every field that may be missing can be null in its place, with the same body for the handler', () => {
  for (const { name, places } of cases) {
    for (const place of places) {
      const [withNull, without] = [fullBody(name), fullBody(name)];
      visit(withNull, place, (holder) => {
        holder[place.name] = null;
      });
      visit(without, place, (holder) => delete holder[place.name]);
      expect(seen(name, withNull), `${name} ${place.way.join('/')}/${place.name}`).toEqual(
        seen(name, without),
      );
    }
  }
});

it('so can any of them at once', () => {
  const withPlaces = fc
    .constantFrom(...cases)
    .chain(({ name, places }) => fc.tuple(fc.constant(name), fc.subarray(places)));
  fc.assert(
    fc.property(withPlaces, ([name, places]) => {
      const [withNull, without] = [fullBody(name), fullBody(name)];
      // Outermost last, so that each way still leads somewhere.
      for (const place of [...places].sort((a, b) => b.way.length - a.way.length)) {
        visit(withNull, place, (holder) => {
          holder[place.name] = null;
        });
        visit(without, place, (holder) => delete holder[place.name]);
      }
      expect(seen(name, withNull)).toEqual(seen(name, without));
    }),
    { numRuns: 300 },
  );
});
