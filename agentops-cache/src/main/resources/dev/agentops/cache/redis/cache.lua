-- What a cache does in Redis: each call is atomic and one round trip. Redis 6.0 or newer.
--
-- KEYS[1]  what all names begin with
-- ARGV[1]  who asks: 16 digits, in the names of changes
-- ARGV[2]  what for; then its arguments
--
-- d:<key>  the value          g:<key>  the value's tags       l:<key>  a lease: its token and epoch
-- t:<tag>  keys of a tag, by the time of their end            e:       the epoch
-- c:<who><what><which>        says whose change it was: listeners hear it before that of d:<key>;
--                             what is k, t, p or a for a key, a tag, a prefix or all that was
--                             changed, l for a key that was leased

local prefix, who = KEYS[1], ARGV[1]

local BATCH = 200
local DAY = '86400000'

local function name(kind, rest)
  return prefix .. kind .. ':' .. rest
end

local function millis(number)
  return string.format('%.0f', number)
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The text under a name. What is of another type is nobody's that keeps to these names.
local function text(of)
  local found = redis.pcall('GET', of)
  return type(found) == 'string' and found or nil
end

-- Puts a text where not even a full memory may refuse it, since it is small or gone at once: only
-- the first write of a script is refused.
local function set(to, value, ttl)
  redis.call('UNLINK', to)
  redis.call('SET', to, value, 'PX', ttl)
end

local function touch(what)
  set(what, '', '1000')
  redis.call('UNLINK', what)
end

local function epoch()
  return text(name('e', '')) or ''
end

-- Breaks all leases.
local function break_all()
  local time = redis.call('TIME')
  set(name('e', ''), who .. time[1] .. '.' .. time[2], DAY)
end

local function holds(key, token)
  return text(name('l', key)) == token .. ':' .. epoch()
end

local function untag(key)
  local packed = text(name('g', key))
  local ok, tags = pcall(cmsgpack.unpack, packed or '')
  if ok and type(tags) == 'table' then
    for _, tag in ipairs(tags) do
      redis.pcall('ZREM', name('t', tag), key)
    end
  end
  redis.call('UNLINK', name('g', key))
end

local function forget(key)
  untag(key)
  redis.call('UNLINK', name('l', key))
  return redis.call('UNLINK', name('d', key))
end

local function tag(key, tags, ttl)
  local at = now()
  for _, each in ipairs(tags) do
    local index = name('t', each)
    local added = redis.pcall('ZADD', index, millis(at + ttl), key)
    if type(added) == 'table' then
      redis.call('UNLINK', index)
      redis.call('ZADD', index, millis(at + ttl), key)
    end
    -- more than one, so that an index shrinks that has been left alone for long
    local over = redis.call('ZRANGEBYSCORE', index, '-inf', millis(at), 'LIMIT', 0, BATCH)
    if #over > 0 then
      redis.call('ZREM', index, unpack(over))
    end
    if redis.call('PTTL', index) < tonumber(ttl) then
      redis.call('PEXPIRE', index, ttl)
    end
  end
  redis.call('SET', name('g', key), cmsgpack.pack(tags), 'PX', ttl)
end

local ask = {}

-- Also tells those who hold the key although it is not here.
function ask.delete(key)
  if forget(key) == 0 then
    touch(name('d', key))
  end
  touch(name('c', who .. 'k' .. key))
  return 1
end

function ask.put(key, value, ttl, ...)
  local put = redis.pcall('SET', name('d', key), value, 'PX', ttl)
  if put.err then
    ask.delete(key)
    return put
  end
  untag(key)
  redis.call('UNLINK', name('l', key))
  local tags = { ... }
  if #tags > 0 then
    tag(key, tags, ttl)
  end
  touch(name('c', who .. 'k' .. key))
  return 1
end

function ask.put_and_release(token, key, ...)
  if not holds(key, token) then
    return 0
  end
  return ask.put(key, ...)
end

-- To look for a key whose time is over removes it, which is told as a change by nobody: it is told
-- to be the asker's, whose load it would spoil.
function ask.claim(key, token, lease)
  local value = text(name('d', key))
  if value then
    return { 1, value }
  end
  local held = text(name('l', key))
  local current = epoch()
  if held and string.match(held, ':(.*)$') == current then
    return { 2, redis.call('PTTL', name('l', key)) }
  end
  set(name('l', key), token .. ':' .. current, lease)
  touch(name('c', who .. 'l' .. key))
  return { 3 }
end

function ask.renew(key, token, lease)
  return holds(key, token) and redis.call('PEXPIRE', name('l', key), lease) or 0
end

function ask.release(key, token)
  return holds(key, token) and redis.call('UNLINK', name('l', key)) or 0
end

-- 1 if there is more to forget
function ask.forget_tag(of, begins)
  if begins == '1' then
    break_all()
    touch(name('c', who .. 't' .. of)) -- also concerns values that are only in local levels
  end
  local index = name('t', of)
  local keys =
    redis.pcall('ZRANGEBYSCORE', index, '(' .. millis(now()), '+inf', 'LIMIT', 0, BATCH)
  if keys.err then
    keys = {}
  end
  for _, key in ipairs(keys) do
    forget(key)
    redis.call('ZREM', index, key)
  end
  if #keys == BATCH then
    return 1
  end
  redis.call('UNLINK', index)
  return 0
end

-- the next cursor
function ask.forget_like(pattern, cursor, prefix)
  if cursor == '0' then
    break_all()
    touch(name('c', who .. 'p' .. prefix))
  end
  local page = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', BATCH)
  local skip = #name('d', '')
  for _, found in ipairs(page[2]) do
    forget(string.sub(found, skip + 1))
  end
  return page[1]
end

-- the next cursor
function ask.clear(pattern, cursor)
  if cursor == '0' then
    break_all()
  end
  local page = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', BATCH)
  for _, found in ipairs(page[2]) do
    if found ~= name('e', '') then
      redis.call('UNLINK', found)
    end
  end
  if page[1] == '0' then
    touch(name('c', who .. 'a'))
  end
  return page[1]
end

return ask[ARGV[2]](unpack(ARGV, 3))
