package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.UnpricedCallEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Prices what has happened, charges the budgets, and hands the records to the ledger, whose faults
 * are kept from the agent. Thread-safe.
 */
final class UsageRecorder {

  private final Rater rater;
  private final UsageLedger ledger;
  private final Budgets budgets;
  private final Clock clock;
  private final FaultLog faults;
  private final Consumer<OpsEvent> listeners;
  private final UnknownModels unknownModels = new UnknownModels();

  /**
   * A recorder.
   *
   * @param listeners are told of every event, besides whom a call tells
   */
  UsageRecorder(
      Rater rater,
      UsageLedger ledger,
      Budgets budgets,
      Clock clock,
      FaultLog faults,
      Consumer<OpsEvent> listeners) {
    this.rater = rater;
    this.ledger = ledger;
    this.budgets = budgets;
    this.clock = clock;
    this.faults = faults;
    this.listeners = listeners;
  }

  /**
   * Ends a reservation with what a call consumed, and records it.
   *
   * @return the record of the call, then those of sub-calls
   */
  List<UsageRecord> settle(Reservation reservation, Charge charge, Consumer<OpsEvent> events) {
    Consumer<OpsEvent> all = listeners.andThen(events);
    List<UsageRecord> records = new ArrayList<>(1);
    Reservation held = reservation;
    for (Rater.Rated rated : rater.rate(charge)) {
      UsageRecord record = rated.record();
      Cost known = record.cost().or(record::lowestCost).orElse(Cost.ZERO);
      budgets.spend(
          held, known, budgeted(record.attributes(), charge.run()), charge.at(), all::accept);
      held = Reservation.NONE;
      keep(record); // after the budgets: a slow ledger must not hold reservations
      records.add(record);
      if (record.cost().isEmpty()) {
        tellUnpriced(record, rated.quote(), all);
      }
    }
    return records;
  }

  /** Records an answer of a cache of ours. */
  void cacheHit(ModelCallEvent hit) {
    keep(
        UsageRecord.builder()
            .timestamp(clock.now())
            .provider(hit.provider())
            .model(hit.model())
            .attributes(hit.attributes())
            .cost(Cost.ZERO)
            .cacheHit(true)
            .savedCost(hit.savedCost().orElseGet(() -> priceOf(hit)))
            .traceId(hit.traceId())
            .spanId(hit.spanId())
            .build());
  }

  /** What an answer would cost now, of a cache that does not know what it cost then. */
  private Cost priceOf(ModelCallEvent hit) {
    UsageReport saved = UsageReport.of(hit.savedUsage().orElse(Usage.none()));
    return rater.quote(hit.provider(), hit.model(), saved, clock.now()).cost().orElse(Cost.ZERO);
  }

  /** Records that a run of an agent has ended. */
  void task(String agent, boolean succeeded, Attributes attributes) {
    keep(
        UsageRecord.builder()
            .timestamp(clock.now())
            .operation(UsageRecord.TASK)
            .attributes(attributes.with(Attributes.AGENT_NAME, agent))
            .cost(Cost.ZERO)
            .succeeded(succeeded)
            .build());
  }

  /** With the run, which is no attribute of records: they would have too many values of it. */
  Attributes budgeted(Attributes attributes, @Nullable String run) {
    return run == null || !budgets.countRuns() ? attributes : attributes.with(Budget.RUN, run);
  }

  private void keep(UsageRecord record) {
    try {
      ledger.add(record);
    } catch (RuntimeException e) {
      faults.report("ledger " + ledger.getClass().getName(), e);
    }
  }

  private void tellUnpriced(UsageRecord record, PriceQuote quote, Consumer<OpsEvent> events) {
    unknownModels.warn(record.provider(), record.model(), quote);
    events.accept(
        new UnpricedCallEvent(
            record.timestamp(),
            record.attributes(),
            record.provider(),
            record.model(),
            quote.reason(),
            quote.suggestions(),
            record.traceId()));
  }
}
