-- What a limiter does in Redis: each call is atomic and one round trip. Redis 6.0 or newer.
--
-- ARGV[1]  what for
-- ARGV[2]  the time in microseconds instead of the server's: for tests, '' otherwise
--
-- A cell is a text: the time of its last change, and levels by name, such as
--   1700000000000000 r60=250000 t60=1000.5 p=3000000
-- A level is how many microseconds the bucket takes to leak empty, hence a time that goes by: what
-- a limit allows now is for the caller to say. The level p is a penalty: nothing passes before it
-- has gone by. Levels are relative, since a double that counts microseconds from 1970 has no place
-- for the fractions that the tokens of a large limit cost.
--
-- What holds a place of a concurrency limit is in a sorted set, by the time its lease ends.

local op, now = ARGV[1], tonumber(ARGV[2])
local margin = 1 -- of how long a cell is kept, in milliseconds
if now then
  margin = 3600000 -- the server's time goes by beside it
else
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

-- 73 years, as the local engine
local FOR_EVER = 2305843009213693

-- The levels now of what is in a text. A time that goes back is time that stands still.
local function levels_of(text)
  local levels = {}
  local last, rest = string.match(text, '^(%d+) (.*)$')
  if last then
    local gone = math.max(0, now - last)
    for name, level in string.gmatch(rest, '(%w+)=([%d.e+-]+)') do
      level = tonumber(level)
      if level and level > gone then
        levels[name] = level - gone
      end
    end
  end
  return levels
end

local function read(key)
  local text = redis.call('GET', key)
  return text and levels_of(text) or {}
end

-- Keeps a cell until it is empty: one that is not there is the same.
local function write(key, levels)
  local text, longest = { string.format('%.0f', now) }, 0
  for name, level in pairs(levels) do
    level = math.min(level, FOR_EVER)
    if level > 0 then
      text[#text + 1] = name .. '=' .. string.format('%.17g', level)
      longest = math.max(longest, level)
    end
  end
  text = table.concat(text, ' ')
  if longest > 0 then
    redis.call('SET', key, text, 'PX', string.format('%.0f', math.ceil(longest / 1000) + margin))
  else
    redis.call('DEL', key)
  end
  return text
end

local ask = {}

-- How long a cell makes wait, and the limit that does, counted from its first; 0 is its penalty.
-- The limits are asked at the time when the penalty is over.
local function wait_of(cell)
  local penalty = cell.levels.p or 0
  local longest, binding = 0, 0
  for i = cell.from, cell.to, 3 do
    local capacity, cost = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
    local level = math.max(0, (cell.levels[ARGV[i]] or 0) - penalty)
    -- what is larger than the bucket passes when it is empty, for otherwise it never would
    local over = level + math.min(cost, capacity) - capacity
    if over > longest then
      longest, binding = over, (i - cell.from) / 3 + 1
    end
    if cost > 0 then
      cell.more = math.min(cell.more, math.floor(-over / cost))
    end
  end
  if penalty >= longest then
    binding = 0
  end
  return penalty + longest, binding
end

-- Takes all cells for the time when the wait is over: buckets must not leak meanwhile what they
-- have room for now, or all who wait would go at once.
local function charge(cell, wait, times)
  for i = cell.from, cell.to, 3 do
    local name = ARGV[i]
    cell.levels[name] = math.max(cell.levels[name] or 0, wait) + ARGV[i + 2] * times
  end
  local text = write(cell.key, cell.levels)
  if cell.held then
    local time = string.format('%.0f', now)
    redis.call('ZREMRANGEBYSCORE', cell.held, '-inf', time)
    redis.call('ZADD', cell.held, string.format('%.0f', now + wait + cell.lease), cell.ticket)
    redis.call('PEXPIRE', cell.held, string.format('%.0f', math.ceil((wait + cell.lease) / 1000) + margin))
  end
  return text
end

-- ARGV: most microseconds to wait, -1 to ask only; how many more to take ahead;
--       then for each cell: how many at once, '' for any number; ticket and lease if limited;
--       how many limits; then for each: name, capacity and cost, each in microseconds
-- KEYS: for each cell its levels, and if it limits how many at once, who they are
-- { 1, wait, binding, how many more, then each cell after, then each before if there is a wait }
-- or { 0, wait, binding }, the wait being 0 where too many run at once
-- where binding counts the limits that were told, from 1; 0 is a penalty, and
-- -1 - n the concurrency of the cell n
function ask.take()
  local most, more = tonumber(ARGV[3]), tonumber(ARGV[4])
  local wait, binding, full = 0, 0, 0
  local cells, limits, argument, key = {}, 0, 5, 1
  while ARGV[argument] do
    local before = redis.call('GET', KEYS[key])
    local cell = { key = KEYS[key], before = before or '', more = more }
    cell.levels = before and levels_of(before) or {}
    key = key + 1
    local at_once = ARGV[argument]
    argument = argument + 1
    if at_once ~= '' then
      cell.held, cell.ticket, cell.lease = KEYS[key], ARGV[argument], ARGV[argument + 1]
      argument, key = argument + 2, key + 1
      local holders = redis.call('ZCOUNT', cell.held, '(' .. string.format('%.0f', now), '+inf')
      if full == 0 and holders >= tonumber(at_once) then
        full = -2 - #cells
      end
    end
    cell.from, cell.to = argument + 1, argument + 3 * ARGV[argument]
    local own, limit = wait_of(cell)
    if own > wait then
      wait, binding = own, limit > 0 and limits + limit or 0
    end
    more = cell.more
    limits = limits + ARGV[argument]
    cells[#cells + 1] = cell
    argument = cell.to + 1
  end
  wait = math.ceil(wait - 0.0005) -- half a nanosecond, which sums of fractions are out by
  if full < 0 then
    return { 0, 0, full }
  end
  if most < 0 or wait > most then
    return { wait > 0 and 0 or 1, wait, binding }
  end
  more = wait > 0 and 0 or math.max(0, more)
  local reply = { 1, wait, binding, more }
  for _, cell in ipairs(cells) do
    reply[#reply + 1] = charge(cell, wait, 1 + more)
  end
  if wait > 0 then
    for _, cell in ipairs(cells) do
      reply[#reply + 1] = cell.before
    end
  end
  return reply
end

-- ARGV: for how many milliseconds it is remembered that this was done, '' if that does not matter;
--       then for each cell: the ticket that holds a place, or ''; the cell as take left it, and as
--       it was before if what was waited for is to be given back, too, '-' if not;
--       how many limits; then for each: name, and microseconds to add or, below 0, give back
-- KEYS: what remembers it; then for each cell its levels, and if it holds a place, who else does
function ask.settle()
  if ARGV[3] ~= '' and not redis.call('SET', KEYS[1], '', 'PX', ARGV[3], 'NX') then
    return { 0 }
  end
  local argument, key = 4, 2
  while ARGV[argument] do
    local name = KEYS[key]
    key = key + 1
    if ARGV[argument] ~= '' then
      redis.call('ZREM', KEYS[key], ARGV[argument])
      key = key + 1
    end
    local after = levels_of(ARGV[argument + 1])
    local before = ARGV[argument + 2] ~= '-' and levels_of(ARGV[argument + 2])
    local first = argument + 4
    local last = first + 2 * ARGV[argument + 3] - 1
    if last >= first then
      local levels = read(name)
      for i = first, last, 2 do
        local limit, change = ARGV[i], tonumber(ARGV[i + 1])
        local level, left = levels[limit] or 0, after[limit] or 0
        if before and math.abs(level - left) < 0.001 then
          levels[limit] = before[limit] or 0 -- as if it had never been
        else
          levels[limit] = level + math.max(change, -left) -- what has leaked since is free already
        end
      end
      write(name, levels)
    end
    argument = last + 1
  end
  return { 1 }
end

-- ARGV: then for each limit: name, and the least level; KEYS: the cell
function ask.raise()
  local levels = read(KEYS[1])
  for i = 3, #ARGV, 2 do
    levels[ARGV[i]] = math.max(levels[ARGV[i]] or 0, tonumber(ARGV[i + 1]))
  end
  write(KEYS[1], levels)
  return { 1 }
end

-- ARGV: the lease, then for each key a ticket; KEYS: who holds places
function ask.renew()
  for i, key in ipairs(KEYS) do
    redis.call('ZADD', key, 'XX', string.format('%.0f', now + ARGV[3]), ARGV[3 + i])
    if redis.call('PTTL', key) < ARGV[3] / 1000 then
      redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(ARGV[3] / 1000)))
    end
  end
  return { 1 }
end

-- Whether the server takes writes. KEYS: a name for it
function ask.check()
  redis.call('SET', KEYS[1], '', 'PX', 1000)
  return { 1 }
end

return ask[op]()
