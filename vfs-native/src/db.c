/*
** db.c - see db.h.
*/
#include "db.h"

#include <string.h>

#include "core.h"
#include "file.h"
#include "stats.h"

/* Ids that wait for ls_db_reap. Java asks after every publish, so a few dozen are the normal case. */
#define REAP_MIN 64u

struct ls_db {
  uint64_t id;
  atomic_uint handles, refs;
  sqlite3_mutex *merge, *state;
  _Atomic(ls_view *) latest; /* with a reference; written under `state` */
  ls_seat *seats;
  atomic_int paused;
  char *notice;   /* under `state`; NULL when all is well */
  int was_active; /* of readers that have closed since ls_db_active last looked */
  uint64_t *gone;
  uint32_t gone_count, gone_cap;
  char label[];
};

static void db_free(ls_db *db) {
  sqlite3_mutex_free(db->merge);
  sqlite3_mutex_free(db->state);
  sqlite3_free(db->gone);
  sqlite3_free(db->notice);
  sqlite3_free(db);
  ls__stat_add(LS_STAT_DBS, -1);
}

int ls_db_open(uint64_t db_id, const char *label, ls_db **out) {
  size_t n = strlen(label) + 1;
  ls_db *db = sqlite3_malloc64(sizeof *db + n);
  if (!db)
    return SQLITE_NOMEM;
  memset(db, 0, sizeof *db);
  memcpy(db->label, label, n);
  db->id = db_id;
  atomic_init(&db->handles, 1);
  atomic_init(&db->refs, 1);
  atomic_init(&db->latest, NULL);
  atomic_init(&db->paused, 0);
  db->merge = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  db->state = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  db->gone = sqlite3_malloc64(REAP_MIN * sizeof *db->gone);
  db->gone_cap = REAP_MIN;
  ls__stat_add(LS_STAT_DBS, 1);
  if (!db->merge || !db->state || !db->gone) {
    db_free(db);
    return SQLITE_NOMEM;
  }
  *out = db;
  return SQLITE_OK;
}

void ls_db_ref(ls_db *db) {
  atomic_fetch_add_explicit(&db->handles, 1, memory_order_relaxed);
  ls__db_ref(db);
}

void ls_db_close(ls_db *db) {
  if (!db)
    return;
  if (atomic_fetch_sub_explicit(&db->handles, 1, memory_order_acq_rel) == 1) {
    sqlite3_mutex_enter(db->state);
    ls_view *last = atomic_exchange(&db->latest, NULL);
    sqlite3_mutex_leave(db->state);
    ls_view_unref(last);
  }
  ls__db_unref(db);
}

void ls__db_ref(ls_db *db) { atomic_fetch_add_explicit(&db->refs, 1, memory_order_relaxed); }

void ls__db_unref(ls_db *db) {
  if (atomic_fetch_sub_explicit(&db->refs, 1, memory_order_acq_rel) == 1)
    db_free(db);
}

uint64_t ls__db_id(const ls_db *db) { return db->id; }

const char *ls__db_label(const ls_db *db) { return db->label; }

void ls__db_merge_enter(ls_db *db) { sqlite3_mutex_enter(db->merge); }

void ls__db_merge_leave(ls_db *db) { sqlite3_mutex_leave(db->merge); }

/* ------------------------------------------------------------------------------------------------------- latest view */

int ls_db_publish(ls_db *db, ls_view *view) {
  ls_view_ref(view);
  sqlite3_mutex_enter(db->state);
  ls_view *before = atomic_exchange_explicit(&db->latest, view, memory_order_acq_rel);
  sqlite3_mutex_leave(db->state);
  ls_view_unref(before);
  return SQLITE_OK;
}

ls_view *ls_db_latest(ls_db *db) {
  sqlite3_mutex_enter(db->state);
  ls_view *view = atomic_load_explicit(&db->latest, memory_order_relaxed);
  if (view)
    ls_view_ref(view);
  sqlite3_mutex_leave(db->state);
  return view;
}

int ls__db_follow(ls_db *db, ls_view **kept) {
  /* Equal pointers mean the same view: the caller's reference keeps the address of *kept from being used again. So this
  ** one load decides, and a publish right after it is just a publish after the pin. A pointer that differs may be freed
  ** at any moment and is not touched; ls_db_latest takes its reference where a publish cannot drop the last one. */
  if (*kept && atomic_load_explicit(&db->latest, memory_order_acquire) == *kept)
    return SQLITE_OK;
  ls_view *latest = ls_db_latest(db);
  if (!latest)
    return SQLITE_CANTOPEN;
  ls_view_unref(*kept);
  *kept = latest;
  return SQLITE_OK;
}

void ls_db_pause(ls_db *db, int paused) {
  atomic_store_explicit(&db->paused, paused != 0, memory_order_release);
}

int ls__db_paused(const ls_db *db) { return atomic_load_explicit(&db->paused, memory_order_acquire); }

/* ------------------------------------------------------------------------------------------------------------ notice */

static char *copy_of(const char *text) {
  size_t n = strlen(text) + 1;
  char *copy = sqlite3_malloc64(n);
  return copy ? memcpy(copy, text, n) : NULL;
}

int ls_db_notice(ls_db *db, const char *text) {
  char *copy = text ? copy_of(text) : NULL;
  if (text && !copy)
    return SQLITE_NOMEM;
  sqlite3_mutex_enter(db->state);
  char *before = db->notice;
  db->notice = copy;
  sqlite3_mutex_leave(db->state);
  sqlite3_free(before);
  return SQLITE_OK;
}

char *ls__db_notice(ls_db *db) {
  sqlite3_mutex_enter(db->state);
  char *copy = db->notice ? copy_of(db->notice) : NULL;
  sqlite3_mutex_leave(db->state);
  return copy;
}

/* ----------------------------------------------------------------------------------------------------------- readers */

void ls__db_sit(ls_db *db, ls_seat *seat) {
  atomic_init(&seat->active, 0);
  ls__db_ref(db);
  sqlite3_mutex_enter(db->state);
  seat->next = db->seats;
  seat->link = &db->seats;
  if (seat->next)
    seat->next->link = &seat->next;
  db->seats = seat;
  sqlite3_mutex_leave(db->state);
}

void ls__db_stand(ls_db *db, ls_seat *seat) {
  sqlite3_mutex_enter(db->state);
  *seat->link = seat->next;
  if (seat->next)
    seat->next->link = seat->link;
  db->was_active |= atomic_load_explicit(&seat->active, memory_order_relaxed);
  sqlite3_mutex_leave(db->state);
  ls__db_unref(db);
}

int ls_db_active(ls_db *db) {
  sqlite3_mutex_enter(db->state);
  int active = db->was_active;
  db->was_active = 0;
  for (ls_seat *seat = db->seats; seat; seat = seat->next)
    active |= atomic_exchange_explicit(&seat->active, 0, memory_order_relaxed);
  sqlite3_mutex_leave(db->state);
  return active;
}

/* -------------------------------------------------------------------------------------------------------- unused files */

void ls__db_file_gone(ls_db *db, uint64_t file_id) {
  sqlite3_mutex_enter(db->state);
  if (db->gone_count == db->gone_cap) {
    uint64_t *more = sqlite3_realloc64(db->gone, (uint64_t)db->gone_cap * 2 * sizeof *more);
    if (more) {
      db->gone = more;
      db->gone_cap *= 2;
    }
  }
  /* Without memory the id is forgotten: the host keeps its note of that object until the replica is closed. */
  if (db->gone_count < db->gone_cap)
    db->gone[db->gone_count++] = file_id;
  sqlite3_mutex_leave(db->state);
}

uint32_t ls_db_reap(ls_db *db, uint64_t *file_ids, uint32_t cap) {
  sqlite3_mutex_enter(db->state);
  uint32_t n = db->gone_count < cap ? db->gone_count : cap;
  db->gone_count -= n;
  memcpy(file_ids, db->gone + db->gone_count, n * sizeof *file_ids);
  sqlite3_mutex_leave(db->state);
  return n;
}
