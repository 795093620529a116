-- Version 1. A version that has been released never changes; a change is one more file.
-- Statements end with a line that is "--;".

CREATE TABLE agentops_budget_accounts (
  budget TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  reserved NUMERIC NOT NULL DEFAULT 0,
  increase NUMERIC NOT NULL DEFAULT 0,
  increased_until BIGINT NOT NULL DEFAULT 0,
  kept_until BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (budget, key))
--;
CREATE INDEX agentops_budget_accounts_by_end ON agentops_budget_accounts (kept_until)
--;
CREATE TABLE agentops_budget_spent (
  budget TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  start_millis BIGINT NOT NULL,
  spent NUMERIC NOT NULL,
  PRIMARY KEY (budget, key, start_millis),
  FOREIGN KEY (budget, key) REFERENCES agentops_budget_accounts ON DELETE CASCADE)
--;
CREATE TABLE agentops_budget_held (
  id TEXT COLLATE "C" NOT NULL,
  budget TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  amount NUMERIC NOT NULL,
  deadline BIGINT NOT NULL,
  PRIMARY KEY (id, budget, key),
  FOREIGN KEY (budget, key) REFERENCES agentops_budget_accounts ON DELETE CASCADE)
--;
CREATE INDEX agentops_budget_held_by_deadline ON agentops_budget_held (budget, key, deadline)
--;
CREATE TABLE agentops_budget_ended (
  id TEXT COLLATE "C" PRIMARY KEY,
  ended_millis BIGINT NOT NULL)
--;
CREATE INDEX agentops_budget_ended_by_time ON agentops_budget_ended (ended_millis)
--;
CREATE TYPE agentops_budget_balance AS (
  refused INTEGER,
  spent_before NUMERIC,
  spent NUMERIC,
  reserved NUMERIC,
  most NUMERIC)
--;
CREATE FUNCTION agentops_budget_now() RETURNS BIGINT LANGUAGE sql VOLATILE AS
'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
--;
-- Locks the accounts in one order for all, so that no two wait for each other; makes those that are
-- missing.
CREATE FUNCTION agentops_budget_lock(p_budgets TEXT[], p_keys TEXT[]) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
  wanted INTEGER := (SELECT count(DISTINCT (b, k)) FROM unnest(p_budgets, p_keys) AS e (b, k));
  locked INTEGER;
BEGIN
  LOOP
    PERFORM 1 FROM agentops_budget_accounts
      WHERE (budget, key) IN (SELECT b, k FROM unnest(p_budgets, p_keys) AS e (b, k))
      ORDER BY budget, key FOR UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    EXIT WHEN locked = wanted;
    INSERT INTO agentops_budget_accounts (budget, key, kept_until)
      SELECT DISTINCT b COLLATE "C", k COLLATE "C", agentops_budget_now() + 86400000
      FROM unnest(p_budgets, p_keys) AS e (b, k) ORDER BY 1, 2
      ON CONFLICT DO NOTHING;
  END LOOP;
END $$
--;
-- Gives back one reservation, or those of some accounts whose lease is over. The time is that of the
-- whole request: a lease that ends between two of its steps is over for none of them.
CREATE FUNCTION agentops_budget_give_back(
  p_id TEXT, p_budgets TEXT[], p_keys TEXT[], p_now BIGINT)
RETURNS VOID LANGUAGE sql AS $$
  WITH ended AS (
    DELETE FROM agentops_budget_held WHERE id = p_id RETURNING budget, key, amount),
  late AS (
    DELETE FROM agentops_budget_held AS h USING unnest(p_budgets, p_keys) AS e (b, k)
    WHERE h.budget = e.b AND h.key = e.k AND h.deadline <= p_now
      AND h.id IS DISTINCT FROM p_id
    RETURNING h.budget, h.key, h.amount),
  gone AS (SELECT * FROM ended UNION ALL SELECT * FROM late)
  UPDATE agentops_budget_accounts AS a
  SET reserved = greatest(0, a.reserved - g.amount)
  FROM (SELECT budget, key, sum(amount) AS amount FROM gone GROUP BY budget, key) AS g
  WHERE a.budget = g.budget AND a.key = g.key
$$
--;
CREATE FUNCTION agentops_budget_read(
  p_budget TEXT, p_key TEXT, p_limit BIGINT, p_counts BIGINT, p_last BIGINT, p_now BIGINT)
RETURNS agentops_budget_balance LANGUAGE sql AS $$
  SELECT ROW(0, s.spent, s.spent, coalesce(a.reserved, 0) - h.over, p_limit + coalesce(a.increase, 0))
    ::agentops_budget_balance
  FROM
    (SELECT coalesce(sum(spent), 0) AS spent FROM agentops_budget_spent
      WHERE budget = p_budget AND key = p_key AND start_millis BETWEEN p_counts AND p_last) AS s,
    (SELECT coalesce(sum(amount), 0) AS over FROM agentops_budget_held
      WHERE budget = p_budget AND key = p_key AND deadline <= p_now) AS h
    LEFT JOIN
    (SELECT reserved, CASE WHEN increased_until > p_now THEN increase END AS increase
      FROM agentops_budget_accounts WHERE budget = p_budget AND key = p_key) AS a ON true
$$
--;
-- Makes a window known: old ones go, the account is kept for as long as this one is told of, and
-- accounts of which nothing is told any more go.
CREATE FUNCTION agentops_budget_keep(
  p_budget TEXT, p_key TEXT, p_start BIGINT, p_keep BIGINT, p_expires BIGINT)
RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO agentops_budget_spent VALUES (p_budget, p_key, p_start, 0) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  DELETE FROM agentops_budget_spent
    WHERE budget = p_budget AND key = p_key AND start_millis < p_keep;
  UPDATE agentops_budget_accounts SET kept_until = greatest(kept_until, p_expires)
    WHERE budget = p_budget AND key = p_key;
  DELETE FROM agentops_budget_accounts WHERE (budget, key) IN (
    SELECT budget, key FROM agentops_budget_accounts
    WHERE kept_until < agentops_budget_now() AND reserved = 0
    LIMIT 100 FOR UPDATE SKIP LOCKED);
END $$
--;
CREATE FUNCTION agentops_budget_reserve(
  p_id TEXT, p_lease BIGINT, p_budgets TEXT[], p_keys TEXT[], p_amounts BIGINT[],
  p_limits BIGINT[], p_rejecting BOOLEAN[], p_starts BIGINT[], p_counts BIGINT[],
  p_lasts BIGINT[], p_keeps BIGINT[], p_expires BIGINT[])
RETURNS SETOF agentops_budget_balance LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
  balance agentops_budget_balance;
  balances agentops_budget_balance[] := '{}';
  holds NUMERIC[] := '{}';
  taken NUMERIC;
  lacking INTEGER := 0;
  again BOOLEAN;
  at BIGINT;
BEGIN
  PERFORM agentops_budget_lock(p_budgets, p_keys);
  at := agentops_budget_now();
  PERFORM agentops_budget_give_back(NULL, p_budgets, p_keys, at);
  again := EXISTS (SELECT FROM agentops_budget_held WHERE id = p_id)
    OR EXISTS (SELECT FROM agentops_budget_ended WHERE id = p_id);
  FOR i IN 1 .. cardinality(p_budgets) LOOP
    balance := agentops_budget_read(
      p_budgets[i], p_keys[i], p_limits[i], p_counts[i], p_lasts[i], at);
    balances[i] := balance;
    holds[i] := p_amounts[i];
    IF p_rejecting[i] THEN
      taken := balance.spent + balance.reserved;
      holds[i] := least(p_amounts[i], balance.most - taken);
      IF lacking = 0 AND taken <> 0
        AND (taken >= balance.most OR taken + p_amounts[i] > balance.most) THEN
        lacking := i;
      END IF;
    END IF;
  END LOOP;
  FOR i IN 1 .. cardinality(p_budgets) LOOP
    balance := balances[i];
    IF NOT again THEN
      balance.refused := lacking;
    END IF;
    IF NOT again AND lacking = 0 THEN
      PERFORM agentops_budget_keep(
        p_budgets[i], p_keys[i], p_starts[i], p_keeps[i], p_expires[i]);
      balance.reserved := balance.reserved + holds[i];
      UPDATE agentops_budget_accounts SET reserved = reserved + holds[i]
        WHERE budget = p_budgets[i] AND key = p_keys[i];
      INSERT INTO agentops_budget_held
        VALUES (p_id, p_budgets[i], p_keys[i], holds[i], at + p_lease);
    END IF;
    RETURN NEXT balance;
  END LOOP;
END $$
--;
CREATE FUNCTION agentops_budget_settle(
  p_id TEXT, p_remembered BIGINT, p_budgets TEXT[], p_keys TEXT[], p_amounts BIGINT[],
  p_limits BIGINT[], p_starts BIGINT[], p_counts BIGINT[], p_lasts BIGINT[], p_keeps BIGINT[],
  p_expires BIGINT[])
RETURNS SETOF agentops_budget_balance LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
  balance agentops_budget_balance;
  first BOOLEAN;
  at BIGINT;
BEGIN
  INSERT INTO agentops_budget_ended VALUES (p_id, agentops_budget_now()) ON CONFLICT DO NOTHING;
  first := FOUND;
  PERFORM agentops_budget_lock(p_budgets, p_keys);
  at := agentops_budget_now();
  PERFORM agentops_budget_give_back(p_id, p_budgets, p_keys, at);
  FOR i IN 1 .. cardinality(p_budgets) LOOP
    balance := agentops_budget_read(
      p_budgets[i], p_keys[i], p_limits[i], p_counts[i], p_lasts[i], at);
    IF first AND p_amounts[i] <> 0 THEN
      PERFORM agentops_budget_keep(
        p_budgets[i], p_keys[i], p_starts[i], p_keeps[i], p_expires[i]);
      UPDATE agentops_budget_spent SET spent = spent + p_amounts[i]
        WHERE budget = p_budgets[i] AND key = p_keys[i] AND start_millis = p_starts[i];
      balance.spent := balance.spent + p_amounts[i];
    END IF;
    RETURN NEXT balance;
  END LOOP;
  IF random() < 0.02 THEN
    DELETE FROM agentops_budget_ended WHERE id IN (
      SELECT id FROM agentops_budget_ended
      WHERE ended_millis < agentops_budget_now() - p_remembered
      ORDER BY ended_millis LIMIT 1000 FOR UPDATE SKIP LOCKED);
  END IF;
END $$
