package io.litestream.jdbc.internal.replica.sim;

/** What happened in a number of runs. */
final class Counters {
  long runs;
  long transactions;
  long pages;
  long modelSteps;
  long storeCalls;
  long faults;
  long polls;
  long opens;
  long travels;
  long interludes;
  long readAhead;
  long located;
  long replans;
  long givenUp;
  long aheadStates;
  long resets;
  long mostPollsToCatchUp;

  void add(Counters o) {
    runs += o.runs;
    transactions += o.transactions;
    pages += o.pages;
    modelSteps += o.modelSteps;
    storeCalls += o.storeCalls;
    faults += o.faults;
    polls += o.polls;
    opens += o.opens;
    travels += o.travels;
    interludes += o.interludes;
    readAhead += o.readAhead;
    located += o.located;
    replans += o.replans;
    givenUp += o.givenUp;
    aheadStates += o.aheadStates;
    resets += o.resets;
    mostPollsToCatchUp = Math.max(mostPollsToCatchUp, o.mostPollsToCatchUp);
  }

  @Override
  public String toString() {
    return runs
        + " runs, "
        + transactions
        + " transactions, "
        + pages
        + " pages compared, "
        + modelSteps
        + " steps of the primary, "
        + resets
        + " resets, "
        + storeCalls
        + " store calls, "
        + faults
        + " faults, "
        + polls
        + " polls, "
        + opens
        + " opens, "
        + travels
        + " travels, "
        + interludes
        + " transactions during another's store call, "
        + readAhead
        + " ranges read ahead, "
        + located
        + " pieces of page indexes, "
        + replans
        + " re-plans, "
        + givenUp
        + " transactions given up with a clear error, "
        + aheadStates
        + " states from snapshots ahead of their names, at most "
        + mostPollsToCatchUp
        + " polls to catch up";
  }
}
