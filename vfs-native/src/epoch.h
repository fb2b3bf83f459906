/*
** epoch.h - when memory can be freed that readers look at without a lock.
**
** Time is cut into epochs. A reader writes the number of the present one into its guard before it looks, and clears the
** guard afterwards. Whoever takes something away
**
**   1. unlinks it, so that nobody can find it any more,
**   2. retires it, which ends the epoch; it keeps that epoch's number,
**   3. has it released once each guard is clear or has a later number: such a reader began to look after step 1.
**
** What makes it right: the guard, the links that readers follow and the epoch are all sequentially consistent. A reader
** that still found a link wrote its guard before that link was cut, so before the guards were read for step 3.
**
** A reader may not wait for anything while its guard is set: what is retired is not freed meanwhile.
**
** Threading: a guard is one thread's at a time. Everything else from any thread; one mutex, which no reader takes.
*/
#ifndef LS_EPOCH_H
#define LS_EPOCH_H

#include <stdatomic.h>

#include "core.h"

#define LS_CACHE_LINE 64

typedef struct ls_guard {
  char before[LS_CACHE_LINE]; /* each guard has a line for itself: its owner writes it at every look */
  _Atomic uint64_t epoch;     /* of the look that is under way; 0: none */
  _Atomic uint64_t looks;     /* so far */
  char after[LS_CACHE_LINE];
  struct ls_guard *next, **link;
} ls_guard;

/* A part of what is retired. */
typedef struct ls_retired {
  struct ls_retired *next;
  uint64_t epoch;
  void (*release)(struct ls_retired *retired);
} ls_retired;

extern _Atomic uint64_t ls__epoch;

/* Idempotent, not thread-safe. SQLITE_OK or SQLITE_NOMEM. */
int ls__epoch_init(void);

void ls__guard_add(ls_guard *guard);
void ls__guard_remove(ls_guard *guard);

static inline void ls__guard_set(ls_guard *guard) {
  uint64_t looks = atomic_load_explicit(&guard->looks, memory_order_relaxed);
  atomic_store_explicit(&guard->looks, looks + 1, memory_order_relaxed);
  atomic_store(&guard->epoch, atomic_load(&ls__epoch));
}
static inline void ls__guard_clear(ls_guard *guard) {
  atomic_store_explicit(&guard->epoch, 0, memory_order_release);
}

/* The looks of all guards, those of removed ones included. */
uint64_t ls__guard_looks(void);

/* Takes over a list of unlinked things, which may be NULL, and releases what can be, of earlier lists too. Returns how
** many those were. */
uint32_t ls__epoch_retire(ls_retired *list);

#endif
