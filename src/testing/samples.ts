/** Sample bodies and events to call handlers with. */

import { examples } from '../generated/examples.js';
import type { Command } from '../protocol/commands.js';
import type { CallbackEvent } from '../protocol/event.js';
import { type EventInit, eventFrom } from '../protocol/received-event.js';
import { CallbackHandler } from '../receiver/handler.js';

/** A full body of a command as it comes over the wire, with invented values. Yours to change. */
export function sampleBody(command: Command): Record<string, unknown> {
  return structuredClone(examples[command]) as Record<string, unknown>;
}

/** What may differ in a sample event. */
export interface SampleEventOptions extends Pick<EventInit, 'attempt' | 'signal' | 'id'> {
  /** Fields that replace or join those of `sampleBody`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Defaults to `1400000000`. */
  readonly sdkAppId?: number | string;
  readonly platform?: string;
  readonly clientIp?: string;
  /** Defaults to now. */
  readonly receivedAt?: Date;
}

/**
 * An event to call a handler with.
 * @throws CallbackError `body_invalid` when the changed body does not fit the command's schema.
 */
export function sampleEvent<Name extends Command>(
  command: Name,
  options: SampleEventOptions = {},
): CallbackEvent<Name> {
  const {
    body,
    sdkAppId = '1400000000',
    platform = 'RESTAPI',
    clientIp = '127.0.0.1',
    receivedAt,
    ...rest
  } = options;
  const checker = new CallbackHandler({ sdkAppId: false, token: false, logger: false });
  const checked = checker.createEvent(
    {
      SdkAppid: String(sdkAppId),
      CallbackCommand: command,
      ContentType: 'json',
      ClientIP: clientIp,
      OptPlatform: platform,
    },
    JSON.stringify({ ...sampleBody(command), ...body }),
  );
  return eventFrom({
    ...rest,
    command,
    params: checked.params,
    body: checked.body,
    rawBody: checked.rawBody,
    receivedAt: (receivedAt ?? new Date()).getTime(),
  }) as CallbackEvent<Name>;
}
