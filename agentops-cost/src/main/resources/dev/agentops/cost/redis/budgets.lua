-- The accounts of budgets. One call is one step of one reservation, whatever the number of accounts.
--
-- KEYS: 1 hash of running reservations, 2 sorted set of their leases, 3 beginning of the names of
--       the sets of ended reservations, then an account and the index of its budget for each entry
-- ARGV: 1 what to do, then what each of the functions at the end says
--
-- An account is a hash: r is reserved, i an increase until u, and each number the start of a window
-- with what was spent in it.

local HOUR = 3600000
local DAY = 24 * HOUR
local MOST_EXPIRED = 1000 -- bounds the time of one call

local HELD, LEASES, ENDED = KEYS[1], KEYS[2], KEYS[3]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Amounts. Numbers of Lua are exact up to 2^53, which is 9,007 dollars only: hence two of them, and
-- value = high * BASE + low, with 0 <= low < BASE.

local BASE = 1000000000000
local ZERO = { high = 0, low = 0 }

local function amount(high, low)
  local carry = math.floor(low / BASE)
  return { high = high + carry, low = low - carry * BASE }
end

local function plus(a, b)
  return amount(a.high + b.high, a.low + b.low)
end

local function minus(a, b)
  return amount(a.high - b.high, a.low - b.low)
end

local function less(a, b)
  return a.high < b.high or (a.high == b.high and a.low < b.low)
end

local function read(text)
  if not text then
    return ZERO
  end
  local sign, digits = string.match(text, '^(-?)(%d+)$')
  local high = tonumber(string.sub(digits, 1, -13)) or 0
  local low = tonumber(string.sub(digits, -12))
  return sign == '-' and amount(-high, -low) or { high = high, low = low }
end

local function write(a)
  if a.high < 0 then
    return '-' .. write(minus(ZERO, a))
  end
  return a.high == 0 and string.format('%.0f', a.low)
    or string.format('%.0f%012.0f', a.high, a.low)
end

-- Accounts

local function entry(index, argument)
  return {
    account = KEYS[2 + 2 * index],
    index = KEYS[3 + 2 * index],
    amount = read(ARGV[argument]),
    limit = read(ARGV[argument + 1]),
    rejecting = ARGV[argument + 2] == '1',
    start = ARGV[argument + 3],
    counts = ARGV[argument + 4],
    last = ARGV[argument + 5],
    keep = ARGV[argument + 6],
    expires = ARGV[argument + 7]
  }
end

local function entries(argument)
  local list = {}
  for at = argument, #ARGV, 8 do
    list[#list + 1] = entry(#list + 1, at)
  end
  return list
end

local function windows(account)
  local list = {}
  local fields = redis.call('HGETALL', account)
  for at = 1, #fields, 2 do
    local start = tonumber(fields[at])
    if start then
      list[#list + 1] = { start = start, field = fields[at], spent = fields[at + 1] }
    end
  end
  return list
end

local function increase(amount, ends)
  return amount and tonumber(ends) > now and read(amount) or ZERO
end

local function open(e)
  local fields = redis.call('HMGET', e.account, 'r', 'i', 'u', e.start)
  e.reserved = read(fields[1])
  e.limit = plus(e.limit, increase(fields[2], fields[3]))
  e.increased = tonumber(fields[3]) or 0
  e.known = fields[4]
  e.inWindow = read(fields[4])
  e.spent = e.inWindow
  if e.counts ~= e.start then
    e.spent = ZERO
    for _, window in ipairs(windows(e.account)) do
      if window.start >= tonumber(e.counts) and window.start <= tonumber(e.last) then
        e.spent = plus(e.spent, read(window.spent))
      end
    end
  end
  e.before = e.spent
end

-- Until when a key is kept that is to be kept until then: never less than before.
local function longer(key, expires)
  local left = redis.call('PTTL', key)
  return math.max(expires, left >= 0 and now + left or 0)
end

-- Makes a window known: old ones go, and the account is kept for as long as this one and its increase
-- are told of.
local function keep(e)
  if e.known then
    return
  end
  redis.call('HSET', e.account, e.start, '0')
  for _, window in ipairs(windows(e.account)) do
    if window.start < tonumber(e.keep) then
      redis.call('HDEL', e.account, window.field)
    end
  end
  if e.expires == 'never' then
    redis.call('PERSIST', e.account)
    redis.call('ZADD', e.index, '+inf', e.account)
    redis.call('PERSIST', e.index)
  else
    local ends = math.max(tonumber(e.expires), math.max(now, e.increased) + DAY)
    local expires = string.format('%.0f', longer(e.account, ends))
    redis.call('PEXPIREAT', e.account, expires)
    redis.call('ZREMRANGEBYSCORE', e.index, '-inf', string.format('%.0f', now))
    redis.call('ZADD', e.index, expires, e.account)
    redis.call('PEXPIREAT', e.index, string.format('%.0f', longer(e.index, tonumber(expires))))
  end
end

local function balances(reply, list)
  for _, e in ipairs(list) do
    reply[#reply + 1] = write(e.before)
    reply[#reply + 1] = write(e.spent)
    reply[#reply + 1] = write(e.reserved)
    reply[#reply + 1] = write(e.limit)
  end
  return reply
end

-- Reservations

local function giveBack(id)
  local held = redis.call('HGET', HELD, id)
  if not held then
    return
  end
  local pairsOf = cjson.decode(held)
  for at = 1, #pairsOf, 2 do
    local account = pairsOf[at]
    if redis.call('EXISTS', account) == 1 then
      local reserved = minus(read(redis.call('HGET', account, 'r')), read(pairsOf[at + 1]))
      redis.call('HSET', account, 'r', write(less(reserved, ZERO) and ZERO or reserved))
    end
  end
  redis.call('HDEL', HELD, id)
  redis.call('ZREM', LEASES, id)
end

local function giveBackExpired()
  local till = string.format('%.0f', now)
  local ids = redis.call('ZRANGEBYSCORE', LEASES, '-inf', till, 'LIMIT', 0, MOST_EXPIRED)
  for _, id in ipairs(ids) do
    giveBack(id)
  end
end

local function endedIn(hour)
  return ENDED .. string.format('%.0f', math.floor(now / HOUR) - hour)
end

local function hasEnded(id, hours)
  for hour = 0, hours do
    if redis.call('SISMEMBER', endedIn(hour), id) == 1 then
      return true
    end
  end
  return false
end

local function remember(id, hours)
  redis.call('SADD', endedIn(0), id)
  redis.call('EXPIRE', endedIn(0), (hours + 1) * 3600)
end

local function room(e)
  local taken = plus(e.spent, e.reserved)
  if not e.rejecting then
    return e.amount
  end
  local left = minus(e.limit, taken)
  local nothing = not less(taken, ZERO) and not less(ZERO, taken)
  local fits = less(ZERO, left) and not less(left, e.amount)
  if not nothing and not fits then
    return nil
  end
  return less(left, e.amount) and left or e.amount
end

-- What can be done

local steps = {}

-- ARGV: 2 id, 3 hours for which ended ones are remembered, 4 lease in milliseconds, 5.. entries
function steps.reserve()
  local id = ARGV[2]
  local list = entries(5)
  giveBackExpired()
  local again = redis.call('HEXISTS', HELD, id) == 1 or hasEnded(id, tonumber(ARGV[3]))
  local refused = 0
  for at, e in ipairs(list) do
    open(e)
    e.holds = room(e)
    if not e.holds and refused == 0 then
      refused = at
    end
  end
  if again then
    return balances({ 0 }, list)
  end
  if refused > 0 then
    return balances({ refused }, list)
  end
  local held = {}
  for _, e in ipairs(list) do
    keep(e)
    e.reserved = plus(e.reserved, e.holds)
    redis.call('HSET', e.account, 'r', write(e.reserved))
    held[#held + 1] = e.account
    held[#held + 1] = write(e.holds)
  end
  redis.call('HSET', HELD, id, cjson.encode(held))
  redis.call('ZADD', LEASES, string.format('%.0f', now + tonumber(ARGV[4])), id)
  return balances({ 0 }, list)
end

-- ARGV: 2 id, 3 hours for which it is remembered, 4.. entries
function steps.settle()
  local id, hours = ARGV[2], tonumber(ARGV[3])
  local list = entries(4)
  local again = hasEnded(id, hours)
  giveBack(id)
  giveBackExpired()
  for _, e in ipairs(list) do
    open(e)
    if not again and (less(e.amount, ZERO) or less(ZERO, e.amount)) then
      keep(e)
      e.spent = plus(e.spent, e.amount)
      redis.call('HSET', e.account, e.start, write(plus(e.inWindow, e.amount)))
    end
  end
  remember(id, hours)
  return balances({ 0 }, list)
end

-- ARGV: 2.. one entry
function steps.balance()
  local list = entries(2)
  giveBackExpired()
  open(list[1])
  return balances({ 0 }, list)
end

-- KEYS: 5 the index of the budget
function steps.accounts()
  return redis.call('ZRANGEBYSCORE', KEYS[5], '(' .. string.format('%.0f', now), '+inf')
end

-- KEYS: 4 the account
function steps.history()
  local reply = {}
  for _, window in ipairs(windows(KEYS[4])) do
    reply[#reply + 1] = window.field
    reply[#reply + 1] = window.spent
  end
  return reply
end

-- KEYS: 4 the account, 5 the index of its budget; ARGV: 2 amount, 3 until
function steps.increase()
  local account, index = KEYS[4], KEYS[5]
  redis.call('HSET', account, 'i', ARGV[2], 'u', ARGV[3])
  local ends = math.max(tonumber(ARGV[3]), now) + DAY
  local left = redis.call('PTTL', account)
  local known = redis.call('ZSCORE', index, account)
  if not known or (left >= 0 and now + left < ends) then
    local expires = string.format('%.0f', ends)
    redis.call('PEXPIREAT', account, expires)
    redis.call('ZADD', index, expires, account)
    local indexLeft = redis.call('PTTL', index)
    if not known and indexLeft == -1 and redis.call('ZCARD', index) == 1
      or indexLeft >= 0 and now + indexLeft < ends then
      redis.call('PEXPIREAT', index, expires)
    end
  end
  return {}
end

-- KEYS: 4 the account; ARGV: 2 and 3 the starts of the first and the last window to forget
function steps.reset()
  for _, window in ipairs(windows(KEYS[4])) do
    if window.start >= tonumber(ARGV[2]) and window.start <= tonumber(ARGV[3]) then
      redis.call('HDEL', KEYS[4], window.field)
    end
  end
  return {}
end

return steps[ARGV[1]]()
