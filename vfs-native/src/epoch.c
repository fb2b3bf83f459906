/*
** epoch.c - see epoch.h.
*/
#include "epoch.h"

/* From 1 on: 0 is a guard that is clear. */
_Atomic uint64_t ls__epoch = 1;

static struct {
  char apart[LS_CACHE_LINE]; /* keeps the mutex off the line of ls__epoch, which every reader loads */
  sqlite3_mutex *mutex;
  ls_guard *guards;
  uint64_t looks;              /* of guards that were removed */
  ls_retired *oldest, *newest; /* by epoch; NULL: none waits */
} epochs;

int ls__epoch_init(void) {
  sqlite3_mutex *once = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS3);
  if (epochs.mutex == NULL)
    epochs.mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  return epochs.mutex == NULL && once != NULL ? SQLITE_NOMEM : SQLITE_OK;
}

void ls__guard_add(ls_guard *guard) {
  atomic_init(&guard->epoch, 0);
  atomic_init(&guard->looks, 0);
  sqlite3_mutex_enter(epochs.mutex);
  guard->next = epochs.guards;
  guard->link = &epochs.guards;
  if (guard->next != NULL)
    guard->next->link = &guard->next;
  epochs.guards = guard;
  sqlite3_mutex_leave(epochs.mutex);
}

void ls__guard_remove(ls_guard *guard) {
  sqlite3_mutex_enter(epochs.mutex);
  *guard->link = guard->next;
  if (guard->next != NULL)
    guard->next->link = guard->link;
  epochs.looks += atomic_load_explicit(&guard->looks, memory_order_relaxed);
  sqlite3_mutex_leave(epochs.mutex);
}

uint64_t ls__guard_looks(void) {
  sqlite3_mutex_enter(epochs.mutex);
  uint64_t looks = epochs.looks;
  for (const ls_guard *guard = epochs.guards; guard != NULL; guard = guard->next)
    looks += atomic_load_explicit(&guard->looks, memory_order_relaxed);
  sqlite3_mutex_leave(epochs.mutex);
  return looks;
}

static void append(ls_retired *list, uint64_t epoch) {
  for (ls_retired *next; list != NULL; list = next) {
    next = list->next;
    list->next = NULL;
    list->epoch = epoch;
    if (epochs.newest != NULL)
      epochs.newest->next = list;
    else
      epochs.oldest = list;
    epochs.newest = list;
  }
}

/* The first epoch that a reader may still be in. */
static uint64_t first_in_use(void) {
  uint64_t first = UINT64_MAX;
  for (ls_guard *guard = epochs.guards; guard != NULL; guard = guard->next) {
    uint64_t epoch = atomic_load(&guard->epoch);
    if (epoch != 0 && epoch < first)
      first = epoch;
  }
  return first;
}

uint32_t ls__epoch_retire(ls_retired *list) {
  ls_retired *free = NULL, **end = &free;
  uint32_t released = 0;
  sqlite3_mutex_enter(epochs.mutex);
  if (list != NULL)
    append(list, atomic_fetch_add(&ls__epoch, 1));
  uint64_t first = epochs.oldest != NULL ? first_in_use() : 0;
  while (epochs.oldest != NULL && epochs.oldest->epoch < first) {
    *end = epochs.oldest;
    end = &epochs.oldest->next;
    epochs.oldest = epochs.oldest->next;
  }
  *end = NULL;
  if (epochs.oldest == NULL)
    epochs.newest = NULL;
  sqlite3_mutex_leave(epochs.mutex);
  for (ls_retired *next; free != NULL; free = next, released++) {
    next = free->next;
    free->release(free);
  }
  return released;
}
