/** The callback that everything is measured with: a group message of 0.9 KB. */

import type { AnyCallbackEvent } from '../../../src/protocol/event.js';
import type {} from '../../../src/protocol/received-event.js';
import type { EventConsumer } from '../../../src/queue/queue.js';
import { built } from './built.js';

const COMMAND = 'Group.CallbackAfterSendMsg';
const SDK_APP_ID = 1400000000;
const BODY_BYTES = 900;
const WORDS = '明天九点在老地方见，记得带上照片。 ';

/** The body as it comes over the wire. */
async function sampleText(): Promise<string> {
  const { sampleBody } = await built('testing');
  const sample = sampleBody(COMMAND);
  const textOf = (words: string): string =>
    JSON.stringify({ ...sample, MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: words } }] });
  const room = BODY_BYTES - Buffer.byteLength(textOf(''));
  const words = WORDS.repeat(Math.floor(room / Buffer.byteLength(WORDS)));
  return textOf(words.padEnd(words.length + room - Buffer.byteLength(words), '.'));
}

/** What makes events, each with an id of its own, and what builds stored ones again. */
export interface EventSource {
  /** As the receiver does it: body and bytes are there already, and the id is made when it is needed. */
  next(): AnyCallbackEvent;
  readonly decode: EventConsumer['decode'];
}

/** A source of events, each of which the receiver has checked. */
export async function eventSource(): Promise<EventSource> {
  const [{ CallbackHandler }, { eventFrom }, { bodyAgain }] = await Promise.all([
    built('core'),
    built('protocol/received-event'),
    built('receiver/rebuild'),
  ]);
  const handler = new CallbackHandler({ sdkAppId: false, token: false, logger: false });
  const params = {
    SdkAppid: String(SDK_APP_ID),
    CallbackCommand: COMMAND,
    ContentType: 'json',
    ClientIP: '192.0.2.7',
    OptPlatform: 'iOS',
  };
  const checked = handler.createEvent(params, await sampleText());
  const { params: read, body, rawBody } = checked;
  const parts = { command: COMMAND, params: read, body, rawBody, bodyAgain };
  return {
    next: () => eventFrom({ ...parts, receivedAt: Date.now() }),
    decode: (item) => handler.consumer.decode(item),
  };
}
