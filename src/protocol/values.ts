/** Values of the protocol that are no commands: platforms, group types, statuses, times. All sets are open. */

/** Client platforms as the vendor spells them in `OptPlatform`; State.StateChange sends `IOS`. */
export const PLATFORMS = ['RESTAPI', 'Web', 'Android', 'iOS', 'Windows', 'Mac', 'iPad', 'Unknown'] as const;

/** A client platform: one of `PLATFORMS`, or any other text. */
export type Platform = (typeof PLATFORMS)[number] | (string & {});

const platformByName = new Map<string, Platform>(PLATFORMS.map((name) => [name.toLowerCase(), name]));
// Spellings of the same platforms on other pages of the vendor's documents.
platformByName.set('macos', 'Mac');
platformByName.set('unkown', 'Unknown');

/** The usual spelling of a platform, compared without case; other text stays as it is. */
export function platformFrom(text: string): Platform {
  return platformByName.get(text.toLowerCase()) ?? text;
}

/** Kinds of groups. `Private` and `ChatRoom` are the older names of `Work` and `Meeting`. */
export const GROUP_TYPES = [
  'Private',
  'Public',
  'ChatRoom',
  'AVChatRoom',
  'Work',
  'Meeting',
  'Community',
  'Live',
] as const;

/** A kind of group: one of `GROUP_TYPES`, or any other text. */
export type GroupType = (typeof GROUP_TYPES)[number] | (string & {});

/**
 * When a callback comes: `before` something may happen, `after` it happened, when a `state` changed, or for
 * some `other` reason.
 */
export type Phase = 'before' | 'after' | 'state' | 'other';

/** Above it a Unix time counts milliseconds: as seconds it would be the year 5138. */
const LARGEST_SECONDS = 1e11;

/** Date of a Unix time in seconds or milliseconds; `undefined` for anything else. */
export function dateFrom(time: unknown): Date | undefined {
  const number = typeof time === 'string' && /^\d{1,16}$/.test(time) ? Number(time) : time;
  if (typeof number !== 'number' || !(number > 0)) return undefined;
  const date = new Date(number > LARGEST_SECONDS ? number : number * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
