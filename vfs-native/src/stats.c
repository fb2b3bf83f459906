/*
** stats.c - counters of the process.
*/
#include "stats.h"

#include <stdatomic.h>

#include "cache.h"

static _Atomic uint64_t counters[LS_STAT_COUNT];

void ls__stat_add(ls_stat which, int64_t change) {
  /* Unsigned, so a negative change wraps to the right sum. */
  atomic_fetch_add_explicit(&counters[which], (uint64_t)change, memory_order_relaxed);
}

static uint64_t get(ls_stat which) { return atomic_load_explicit(&counters[which], memory_order_relaxed); }

void ls_stats_get(ls_stats *out) {
  *out = (ls_stats){
      .dbs = get(LS_STAT_DBS),
      .files = get(LS_STAT_FILES),
      .views = get(LS_STAT_VIEWS),
      .readers = get(LS_STAT_READERS),
      .fetches = get(LS_STAT_FETCHES),
      .fetched_bytes = get(LS_STAT_FETCHED_BYTES),
      .index_bytes = get(LS_STAT_INDEX_BYTES),
  };
  ls__cache_stats(out);
}
