/*
** names.c - see names.h.
*/
#include "names.h"

#include <stdatomic.h>
#include <string.h>

#include "core.h"

/* More than the threads that begin transactions at the same instant. */
#define SHARDS 16u

/* Places for noted pointers: rows of a cache line each, enough for a thousand open databases. */
#define ROWS 512u
#define ROW 8u

struct ls_name {
  ls_name *next, **link;
  uint32_t hash;
  size_t length;
  char text[];
};

static struct shard {
  sqlite3_mutex *mutex;
  ls_name *first;
} shards[SHARDS];

static _Atomic(const char *) noted[ROWS][ROW];

/* FNV-1a */
static uint32_t hash_of(const char *text, size_t n) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ (uint8_t)text[i]) * 16777619u;
  return hash;
}

int ls__names_init(void) {
  for (uint32_t i = 0; i < SHARDS; i++) {
    if (!shards[i].mutex)
      shards[i].mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    if (!shards[i].mutex)
      return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

int ls__name_add(const char *text, ls_name **out) {
  size_t n = strlen(text);
  ls_name *name = sqlite3_malloc64(sizeof *name + n + 1);
  if (!name)
    return SQLITE_NOMEM;
  name->hash = hash_of(text, n);
  name->length = n;
  memcpy(name->text, text, n + 1);
  struct shard *shard = &shards[name->hash % SHARDS];
  sqlite3_mutex_enter(shard->mutex);
  name->next = shard->first;
  name->link = &shard->first;
  if (name->next)
    name->next->link = &name->next;
  shard->first = name;
  sqlite3_mutex_leave(shard->mutex);
  *out = name;
  return SQLITE_OK;
}

void ls__name_remove(ls_name *name) {
  if (!name)
    return;
  struct shard *shard = &shards[name->hash % SHARDS];
  sqlite3_mutex_enter(shard->mutex);
  *name->link = name->next;
  if (name->next)
    name->next->link = name->link;
  sqlite3_mutex_leave(shard->mutex);
  sqlite3_free(name);
}

static _Atomic(const char *) *row_of(const char *path) {
  uint64_t h = (uint64_t)(uintptr_t)path * UINT64_C(0x9E3779B97F4A7C15);
  return noted[h >> 32 & (ROWS - 1)];
}

/* Puts `by` where `old` is. */
static int replace(_Atomic(const char *) *row, const char *old, const char *by) {
  for (uint32_t i = 0; i < ROW; i++) {
    const char *expected = old;
    if (atomic_compare_exchange_strong(&row[i], &expected, by))
      return 1;
  }
  return 0;
}

void ls__name_note(const char *path) {
  if (path)
    replace(row_of(path), NULL, path);
}

void ls__name_unnote(const char *path) {
  if (path)
    replace(row_of(path), path, NULL);
}

/* A pointer that is noted is alive, and so is the text that it was noted for. */
static int is_noted(const char *path) {
  _Atomic(const char *) *row = row_of(path);
  for (uint32_t i = 0; i < ROW; i++)
    if (atomic_load_explicit(&row[i], memory_order_relaxed) == path)
      return 1;
  return 0;
}

/* The length of the replica's name if `path` ends as a side file does, else 0. */
static size_t stem_of(const char *path) {
  static const char *const ends[] = {"-journal", "-wal", "-shm"};
  size_t n = strlen(path);
  for (int i = 0; i < 3; i++) {
    size_t end = strlen(ends[i]);
    if (n > end && memcmp(path + n - end, ends[i], end) == 0)
      return n - end;
  }
  return 0;
}

int ls__name_is_side_file(const char *path) {
  if (is_noted(path))
    return 1;
  size_t n = stem_of(path);
  int found = 0;
  if (n == 0)
    return 0;
  uint32_t hash = hash_of(path, n);
  struct shard *shard = &shards[hash % SHARDS];
  sqlite3_mutex_enter(shard->mutex);
  for (const ls_name *name = shard->first; name && !found; name = name->next)
    found = name->hash == hash && name->length == n && memcmp(name->text, path, n) == 0;
  sqlite3_mutex_leave(shard->mutex);
  return found;
}
