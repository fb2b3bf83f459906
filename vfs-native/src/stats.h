/*
** stats.h - counters of the process, for ls_stats_get. Relaxed atomics: each is right, together they are no snapshot.
** Cache hits are counted by the readers (epoch.h), misses by the cache under the lock that a miss takes anyway.
*/
#ifndef LS_STATS_H
#define LS_STATS_H

#include "core.h"

typedef enum ls_stat {
  LS_STAT_DBS,
  LS_STAT_FILES,
  LS_STAT_VIEWS,
  LS_STAT_READERS,
  LS_STAT_FETCHES,
  LS_STAT_FETCHED_BYTES,
  LS_STAT_INDEX_BYTES,
  LS_STAT_COUNT
} ls_stat;

void ls__stat_add(ls_stat which, int64_t change);

#endif
