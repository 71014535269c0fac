/**
 * The Lua scripts of the reliable mode. Each is one step that happens whole or not at all, names all its keys,
 * and does no harm when it is run again because its reply was lost.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Retries whose time has come go to the front of the list, the one that is due longest first. */
const PROMOTE_STEP = `
local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)
for i = #due, 1, -1 do redis.call('LPUSH', list, due[i]) end
if #due > 0 then redis.call('ZREM', delayed, unpack(due)) end`;

/** KEYS: own processing list, which is empty. Fails where Redis is too old for `LMOVE`. */
export const PROBE = `return redis.call('LMOVE', KEYS[1], KEYS[1], 'LEFT', 'RIGHT')`;

/** KEYS: list, processing list. ARGV: most items. Reply: the items. */
export const TAKE = `
local taken = {}
for i = 1, tonumber(ARGV[1]) do
  local item = redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
  if not item then break end
  taken[i] = item
end
return taken`;

/** KEYS: processing list. Reply: its items, oldest first. */
export const HELD = `return redis.call('LRANGE', KEYS[1], 0, -1)`;

/** KEYS: processing list. ARGV: item. The event is done. */
export const DONE = `return redis.call('LREM', KEYS[1], 1, ARGV[1])`;

/** KEYS: processing list, other list. ARGV: item, item for the other list. Nothing when somebody else has the item. */
export const PUT_ASIDE = `
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[2])
return 1`;

/** KEYS: processing list, delayed set. ARGV: item, item for the next run, milliseconds until then. */
export const DELAY = `${NOW}
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[3]), ARGV[2])
return 1`;

/**
 * KEYS: list, delayed set, own processing list, set of consumers, own heartbeat. ARGV: own id, milliseconds of
 * the heartbeat. Reply: length of the processing list, number of retries that wait, milliseconds until the
 * first of them or -1, end of the list's first item, ids of the consumers.
 */
export const TICK = `${NOW}
local list, delayed = KEYS[1], KEYS[2]
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('SET', KEYS[5], '1', 'PX', ARGV[2])
${PROMOTE_STEP}
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local head = redis.call('LINDEX', list, 0)
return {
  redis.call('LLEN', KEYS[3]),
  redis.call('ZCARD', delayed),
  first[2] and math.max(0, first[2] - now) or -1,
  head and string.sub(head, -200) or '',
  redis.call('SMEMBERS', KEYS[4]),
}`;

/** KEYS: heartbeats. Reply: the places, from 1, of those that are not there. */
export const ABSENT = `
local absent = {}
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 0 then absent[#absent + 1] = i end
end
return absent`;

/**
 * KEYS: list, list of the dead, set of consumers, a consumer's processing list, its heartbeat. ARGV: its id,
 * most returns. Returns the items of a consumer that is gone to the front of the list, in their order, and
 * counts it. Reply: number of returned items, those that went to the dead instead.
 */
export const REAP = `
if redis.call('EXISTS', KEYS[5]) == 1 then return {0, {}} end
local function counted(item)
  local at, _, runs, returns = string.find(item, ',"Runs":(%d+),"Returns":(%d+)}%s*$', -64)
  at = at or string.find(item, '}%s*$', -16)
  if not at then return item, 0 end
  runs, returns = (runs or 0) + 1, (returns or 0) + 1
  return string.sub(item, 1, at - 1) .. string.format(',"Runs":%d,"Returns":%d}', runs, returns), returns
end
local returned, dead = 0, {}
while true do
  local item = redis.call('RPOP', KEYS[4])
  if not item then break end
  local text, returns = counted(item)
  if returns > tonumber(ARGV[2]) then
    redis.call('RPUSH', KEYS[2], text)
    dead[#dead + 1] = text
  else
    redis.call('LPUSH', KEYS[1], text)
    returned = returned + 1
  end
end
redis.call('SREM', KEYS[3], ARGV[1])
return {returned, dead}`;

/**
 * KEYS: list, set of consumers, own processing list, own heartbeat. ARGV: own id, milliseconds. Returns what is
 * held, uncounted. With 0 milliseconds the consumer is gone; else a wait of its may still be open, and others
 * look after that time what it was given.
 */
export const LEAVE = `
while redis.call('LMOVE', KEYS[3], KEYS[1], 'RIGHT', 'LEFT') do end
if ARGV[2] == '0' then
  redis.call('SREM', KEYS[2], ARGV[1])
  redis.call('DEL', KEYS[4])
else
  redis.call('SET', KEYS[4], '1', 'PX', ARGV[2])
end
return 1`;
