/*
** reader.c - see reader.h.
*/
#include "reader.h"

#include <string.h>

#include "cache.h"
#include "db.h"
#include "file.h"
#include "host.h"
#include "locate.h"
#include "lookahead.h"
#include "mutate.h"
#include "page1.h"
#include "readahead.h"
#include "stats.h"
#include "view.h"

/* An object can be gone again right after a replan when compaction and retention run at that moment; three times in a
** row means that something else is wrong. */
#define REPLANS_MAX 3

/* sqlite3_is_interrupted came with SQLite 3.41.0; an older API table ends before it. */
#define INTERRUPTED_SINCE 3041000

typedef enum pin { UNPINNED, LATEST, PAST } pin;

typedef struct scope {
  struct scope *outer;
  ls_view *target;
  ls_ms at;
  uint32_t number;
} scope;

/* Bytes of a frame's page that a fetch is for. */
typedef struct want {
  ls_file *file;
  uint32_t ordinal, from, n;
  uint8_t *buf;
  int arrived; /* they are in buf */
} want;

/* All views are shared: each has a reference of the reader's. */
struct ls_reader {
  ls_seat seat; /* first: db.h */
  ls_db *db;
  pin pin;
  ls_view *kept;   /* the last one that was the latest, or NULL; pinned when pin is LATEST */
  ls_view *past;   /* pinned when pin is PAST, else NULL */
  ls_ms past_at;   /* of the pinned one */
  ls_view *target; /* of the next pin, NULL for the latest */
  ls_ms at;        /* of the target */
  ls_view *home;   /* the target that the reader was opened with, or NULL */
  ls_ms home_at;
  scope *scopes; /* innermost first, or NULL */
  uint32_t scopes_begun;
  int64_t max_stale; /* ms; 0: none */
  sqlite3 **connection;
  ls_readahead ahead;
  ls_lookahead look;
  ls_guard guard; /* for the page cache */
  want *want;     /* while a fetch runs */
  char error[LS_TEXT_MAX];
};

/* -------------------------------------------------------------------------------------------------------------- life */

int ls_reader_open(ls_db *db, ls_reader **out) {
  ls_reader *reader = sqlite3_malloc64(sizeof *reader);
  if (!reader)
    return SQLITE_NOMEM;
  memset(reader, 0, sizeof *reader);
  reader->db = db;
  ls__db_sit(db, &reader->seat);
  ls__guard_add(&reader->guard);
  ls__stat_add(LS_STAT_READERS, 1);
  *out = reader;
  return SQLITE_OK;
}

static void drop_scope(ls_reader *reader) {
  scope *inner = reader->scopes;
  reader->scopes = inner->outer;
  ls_view_unref(inner->target);
  sqlite3_free(inner);
}

void ls_reader_close(ls_reader *reader) {
  if (reader) {
    while (reader->scopes)
      drop_scope(reader);
    ls_view_unref(reader->kept);
    ls_view_unref(reader->past);
    ls_view_unref(reader->target);
    ls_view_unref(reader->home);
    ls__guard_remove(&reader->guard);
    ls__db_stand(reader->db, &reader->seat);
    ls__stat_add(LS_STAT_READERS, -1);
    sqlite3_free(reader);
  }
}

ls_db *ls__reader_db(const ls_reader *reader) { return reader->db; }

int ls__reader_pinned(const ls_reader *reader) { return reader->pin != UNPINNED; }

int ls__reader_travelled(const ls_reader *reader, ls_ms *at) {
  int pinned = reader->pin != UNPINNED;
  const ls_view *view = pinned ? reader->past : reader->target;
  if (view)
    *at = pinned ? reader->past_at : reader->at;
  return view != NULL;
}

void ls__reader_connection(ls_reader *reader, sqlite3 **connection) { reader->connection = connection; }

int ls_reader_interrupted(ls_reader *reader) {
  sqlite3 *connection = reader->connection ? *reader->connection : NULL;
  return connection && sqlite3_libversion_number() >= INTERRUPTED_SINCE && sqlite3_is_interrupted(connection);
}

int ls__reader_fail(ls_reader *reader, int rc, const char *text) {
  ls__err_set(reader->error, sizeof reader->error, "%s", text);
  return rc;
}

const char *ls_reader_error(const ls_reader *reader) { return reader->error; }

/* --------------------------------------------------------------------------------------------------------------- pin */

/* Whether the state that is known may be pinned; first looks for a newer one where that is due. */
static int freshen(ls_reader *reader) {
  char err[LS_TEXT_MAX];
  if (reader->max_stale == 0 && !ls__db_paused(reader->db))
    return SQLITE_OK;
  int rc = ls__host_refresh(ls__db_id(reader->db), reader, reader->max_stale, err, sizeof err);
  if (reader->max_stale == 0 || rc == SQLITE_OK)
    return SQLITE_OK;
  /* For BUSY, SQLite would pin again and again until busy_timeout is over, and does not count how long a look takes. */
  return ls__reader_fail(reader, rc == SQLITE_BUSY ? SQLITE_IOERR : rc, err);
}

/* Pins the target, else the latest view that is kept. */
static void hold(ls_reader *reader) {
  if (reader->target)
    ls_view_ref(reader->target);
  reader->past = reader->target;
  reader->past_at = reader->at;
  reader->pin = reader->target ? PAST : LATEST;
}

int ls_reader_pin(ls_reader *reader) {
  if (reader->pin != UNPINNED)
    return SQLITE_OK;
  atomic_store_explicit(&reader->seat.active, 1, memory_order_relaxed);
  if (!reader->target) {
    int rc = freshen(reader);
    if (rc != SQLITE_OK)
      return rc;
    if (ls__db_follow(reader->db, &reader->kept) != SQLITE_OK) {
      ls__err_set(reader->error, sizeof reader->error,
                  "%s: no state of the database is known yet, or the replica was closed",
                  ls__db_label(reader->db));
      return SQLITE_CANTOPEN;
    }
  }
  hold(reader);
  return SQLITE_OK;
}

void ls_reader_unpin(ls_reader *reader) {
  ls_view_unref(reader->past);
  reader->past = NULL;
  reader->pin = UNPINNED;
}

/* ------------------------------------------------------------------------------------------------------------- travel */

/* Moves a reference of the reader's to another view, or to none. */
static void move(ls_view **slot, ls_view *to) {
  if (to)
    ls_view_ref(to);
  ls_view_unref(*slot);
  *slot = to;
}

int ls_reader_travel(ls_reader *reader, ls_view *target, ls_ms at) {
  if (reader->pin != UNPINNED)
    return SQLITE_MISUSE;
  move(&reader->target, target);
  reader->at = at;
  return SQLITE_OK;
}

void ls__reader_settle(ls_reader *reader, ls_view *home, ls_ms at, int64_t max_stale) {
  move(&reader->home, home);
  reader->home_at = at;
  reader->max_stale = max_stale;
  ls__reader_reset(reader);
}

void ls__reader_reset(ls_reader *reader) {
  while (reader->scopes)
    drop_scope(reader);
  move(&reader->target, reader->home);
  reader->at = reader->home_at;
}

int ls__reader_begin_scope(ls_reader *reader, uint32_t *number) {
  scope *inner = sqlite3_malloc64(sizeof *inner);
  if (!inner)
    return SQLITE_NOMEM;
  memset(inner, 0, sizeof *inner);
  move(&inner->target, reader->target);
  inner->at = reader->at;
  inner->outer = reader->scopes;
  inner->number = ++reader->scopes_begun;
  reader->scopes = inner;
  *number = inner->number;
  return SQLITE_OK;
}

void ls__reader_end_scope(ls_reader *reader, uint32_t number) {
  const scope *ended = reader->scopes;
  while (ended && ended->number != number)
    ended = ended->outer;
  if (!ended)
    return;
  for (int more = 1; more;) {
    more = reader->scopes != ended;
    move(&reader->target, reader->scopes->target);
    reader->at = reader->scopes->at;
    drop_scope(reader);
  }
}

int ls__reader_away(const ls_reader *reader) {
  return reader->target != reader->home || (reader->target && reader->at != reader->home_at);
}

/* Where the pinned view is. */
static ls_view **pinned(ls_reader *reader) { return reader->pin == PAST ? &reader->past : &reader->kept; }

ls_view *ls_reader_view(ls_reader *reader) {
  if (LS_MUTATED(13)) {
    ls_view *latest = ls_db_latest(reader->db);
    ls_view_unref(latest); /* the db still has it: the simulator publishes on this thread */
    return latest;
  }
  if (reader->pin != UNPINNED)
    return *pinned(reader);
  if (reader->target)
    return reader->target;
  ls__db_follow(reader->db, &reader->kept); /* without a latest view the last one is still right */
  return reader->kept;
}

/* -------------------------------------------------------------------------------------------------------------- read */

/* Data that is wrong also goes to the host's log: SQLite shows only "database disk image is malformed". */
static int corrupt(const ls_reader *reader) {
  ls__host_log(reader->error);
  return SQLITE_CORRUPT;
}

int ls_reader_arrived(ls_reader *reader) {
  want *w = reader->want;
  if (w && !w->arrived && ls__cache_has(w->file->serial, w->ordinal))
    w->arrived = ls__cache_read(&reader->guard, w->file, w->ordinal, w->buf, w->from, w->n);
  return w && w->arrived;
}

/* What a fetch gave: checked, cached, and copied to where it is wanted. */
static int accept(ls_reader *reader, ls_file *file, const ls_demand *demand, int32_t given,
                  const uint8_t *bytes, uint8_t *page) {
  const want *w = reader->want;
  if (given == LS_GIVEN_NOTHING)
    return w->arrived
               ? SQLITE_OK
               : ls__reader_fail(reader, SQLITE_IOERR, "a page was not fetched, and is not in the cache");
  uint64_t offset = demand->offset + (given == LS_GIVEN_NEED ? demand->need_at : 0);
  uint32_t length = given == LS_GIVEN_NEED ? demand->need : demand->length;
  ls__stat_add(LS_STAT_FETCHES, 1);
  ls__stat_add(LS_STAT_FETCHED_BYTES, length);
  int rc = ls__file_accept(file, offset, bytes, length, w->ordinal, demand->scan, page, reader->error,
                           sizeof reader->error);
  if (rc == SQLITE_OK)
    memcpy(w->buf, page + w->from, w->n);
  if (given == LS_GIVEN_RANGE)
    ls__host_taken(ls__db_id(reader->db), ls__file_info(file)->file_id, demand);
  return rc == SQLITE_CORRUPT ? corrupt(reader) : rc;
}

/* Asks the host for a demand, and copies bytes [from, from + n) of the page that it is for. *given: LS_GIVEN_*. */
static int request(ls_reader *reader, const ls_demand *demand, want *asked, int32_t *given) {
  uint32_t page_size = asked->file->info.page_size;
  uint8_t *page = sqlite3_malloc64((uint64_t)page_size + demand->length);
  if (!page)
    return ls__reader_fail(reader, SQLITE_NOMEM, "out of memory for a page");
  reader->want = asked;
  int rc = ls__host_fetch(ls__db_id(reader->db), reader, asked->file->info.file_id, demand, page + page_size,
                          given, reader->error, sizeof reader->error);
  if (rc == SQLITE_OK)
    rc = accept(reader, asked->file, demand, *given, page + page_size, page);
  reader->want = NULL;
  sqlite3_free(page);
  return rc;
}

/* For look-ahead (ls_sight). What fails is met again by the reader that needs the page, and told then. */
static int bring(ls_reader *reader, ls_pgno pgno) {
  ls_demand demand;
  int32_t given;
  uint8_t any;
  want asked = {.n = 1, .buf = &any};
  if (!ls__view_find(*pinned(reader), pgno, &asked.file, &asked.ordinal) ||
      !ls__index_known(&asked.file->index, asked.ordinal))
    return 0;
  if (ls__cache_has(asked.file->serial, asked.ordinal))
    return 1; /* it came with another */
  ls__readahead_aside(asked.file, asked.ordinal, 0, &demand);
  if (request(reader, &demand, &asked, &given) == SQLITE_OK)
    return 1;
  reader->error[0] = '\0';
  return 0;
}

static ls_sight sight(ls_reader *reader) {
  return (ls_sight){ls__db_id(reader->db), reader, bring, *pinned(reader), &reader->guard, &reader->ahead};
}

/* What came while the frame was located, instead of a fetch. */
static int take_along(ls_reader *reader, ls_file *file, uint32_t ordinal, const ls_range *along, int scan,
                      uint8_t *buf, uint32_t from, uint32_t n) {
  uint8_t *page = sqlite3_malloc64(file->info.page_size);
  if (!page)
    return ls__reader_fail(reader, SQLITE_NOMEM, "out of memory for a page");
  int rc = ls__file_accept(file, along->offset, along->bytes, (uint32_t)along->length, ordinal, scan, page,
                           reader->error, sizeof reader->error);
  if (rc == SQLITE_OK)
    memcpy(buf, page + from, n);
  if (rc == SQLITE_OK && !scan)
    ls__readahead_brought(&reader->ahead, file, ordinal, along);
  sqlite3_free(page);
  return rc == SQLITE_CORRUPT ? corrupt(reader) : rc;
}

/* Fetches a frame, with what read-ahead adds, and copies bytes [from, from + n) of its page. */
static int fetch(ls_reader *reader, ls_pgno pgno, ls_file *file, uint32_t ordinal, const ls_range *along,
                 uint8_t *buf, uint32_t from, uint32_t n) {
  int32_t given = LS_GIVEN_NOTHING;
  ls_demand demand;
  want asked = {.file = file, .ordinal = ordinal, .from = from, .n = n, .buf = buf};
  ls_sight around = sight(reader);
  int known = ls__lookahead_asked(&reader->look, file, ordinal);
  if (known)
    ls__readahead_aside(file, ordinal, 1, &demand);
  else
    ls__readahead_miss(&reader->ahead, ls__db_id(reader->db), file, ordinal, &demand);
  if (ls__lookahead_miss(&reader->look, &around, pgno, demand.scan) && !known)
    ls__readahead_alone(&reader->ahead, ordinal, &demand);
  if (ls__along_has(along, &demand))
    return take_along(reader, file, ordinal, along, demand.scan, buf, from, n);
  int rc = request(reader, &demand, &asked, &given);
  if (known && given == LS_GIVEN_RANGE)
    ls__lookahead_forget(&reader->look, file, ordinal);
  else if (!known && given != LS_GIVEN_RANGE && !demand.scan)
    ls__readahead_alone(&reader->ahead, ordinal, &demand); /* the rest of the window was not fetched */
  return rc;
}

/* Fetches a frame of which it may not be known where it lies. */
static int locate_and_fetch(ls_reader *reader, ls_pgno pgno, ls_file *file, uint32_t ordinal, uint8_t *buf,
                            uint32_t from, uint32_t n) {
  ls_along along = {0};
  int rc = SQLITE_OK;
  if (!ls__index_known(&file->index, ordinal))
    rc = ls__locate(ls__db_id(reader->db), reader, file, ordinal, &along, reader->error, LS_TEXT_MAX);
  if (rc == SQLITE_OK)
    rc = fetch(reader, pgno, file, ordinal, &along.range, buf, from, n);
  else if (rc == SQLITE_CORRUPT)
    rc = corrupt(reader);
  sqlite3_free(along.memory);
  return rc;
}

/* Replaces the pinned view, wherever the reader has it, by one of the same state that does without the object that is
** gone: so a state of the past that is replanned once is whole for good. */
static int replan(ls_reader *reader) {
  ls_view *gone = *pinned(reader), *same = NULL;
  int rc = ls__host_replan(ls__db_id(reader->db), reader, gone, &same, reader->error, sizeof reader->error);
  if (rc != SQLITE_OK)
    return rc;
  const ls_view_info *old = ls__view_info(gone), *new = ls__view_info(same);
  if (old->state != new->state || old->commit != new->commit || old->page_size != new->page_size) {
    ls__err_set(
        reader->error, sizeof reader->error,
        "%s: replanning gave another state (TXID %016llx, %u pages) than the one being read (%016llx, %u)",
        ls__db_label(reader->db), ls__llu(new->txid), new->commit, ls__llu(old->txid), old->commit);
    rc = SQLITE_IOERR;
  } else {
    ls_view **const slots[] = {&reader->kept, &reader->past, &reader->target, &reader->home};
    ls_view_ref(gone); /* so that the address stays its own */
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
      if (*slots[i] == gone)
        move(slots[i], same);
    for (scope *s = reader->scopes; s; s = s->outer)
      if (s->target == gone)
        move(&s->target, same);
    ls_view_unref(gone);
  }
  ls_view_unref(same);
  return rc;
}

/* Bytes [from, from + n) of page `pgno`, which is 1..commit. */
static int read_page(ls_reader *reader, ls_pgno pgno, uint8_t *buf, uint32_t from, uint32_t n) {
  for (int replans = 0;; replans++) {
    ls_file *file;
    uint32_t ordinal;
    const ls_view *view = *pinned(reader);
    const ls_view_info *info = ls__view_info(view);
    if (!ls__view_find(view, pgno, &file, &ordinal)) {
      if (pgno == ls__lock_page(info->page_size)) {
        memset(buf, 0, n);
        return SQLITE_OK;
      }
      ls__err_set(reader->error, sizeof reader->error,
                  "%s: page %u of %u is in no file of the state at TXID %016llx: the replica is incomplete",
                  ls__db_label(reader->db), pgno, info->commit, (unsigned long long)info->txid);
      return corrupt(reader);
    }
    if (ls__cache_read(&reader->guard, file, ordinal, buf, from, n)) {
      ls__readahead_hit(&reader->ahead, ls__db_id(reader->db), file, ordinal);
      if (ls__lookahead_due(&reader->look, pgno)) {
        ls_sight around = sight(reader);
        ls__lookahead_on(&reader->look, &around, pgno);
      }
      if (n == info->page_size)
        ls__lookahead_read(&reader->look, pgno, buf);
      return SQLITE_OK;
    }
    int rc = locate_and_fetch(reader, pgno, file, ordinal, buf, from, n);
    if (rc == SQLITE_OK && n == info->page_size)
      ls__lookahead_read(&reader->look, pgno, buf);
    if (rc != SQLITE_NOTFOUND)
      return rc;
    if (replans == REPLANS_MAX)
      return SQLITE_IOERR; /* the text is the host's: which object is gone */
    rc = replan(reader);
    if (rc != SQLITE_OK)
      return rc;
  }
}

/* One read of the pinned view, of any length. */
static int read_pinned(ls_reader *reader, uint8_t *buf, uint32_t len, uint64_t offset) {
  const ls_view *view = *pinned(reader);
  const ls_view_info *info = ls__view_info(view);
  uint32_t shift = ls__view_shift(view), mask = info->page_size - 1, done = 0;
  uint64_t size = (uint64_t)info->commit << shift;
  uint32_t there = offset >= size ? 0 : size - offset < len ? (uint32_t)(size - offset) : len;
  while (done < there) {
    uint64_t at = offset + done;
    uint32_t from = (uint32_t)at & mask, n = mask + 1 - from;
    if (n > there - done)
      n = there - done;
    int rc = read_page(reader, (ls_pgno)(at >> shift) + 1, buf + done, from, n);
    if (rc != SQLITE_OK)
      return rc;
    done += n;
  }
  if (offset < LS_PAGE1_REWRITTEN)
    ls__page1_rewrite(ls__view_info(*pinned(reader)), buf, there, offset);
  if (there < len) {
    memset(buf + there, 0, len - there);
    return SQLITE_IOERR_SHORT_READ;
  }
  return SQLITE_OK;
}

int ls_reader_read(ls_reader *reader, uint8_t *buf, uint32_t len, uint64_t offset) {
  const pin before = reader->pin;
  if (!ls_reader_view(reader)) {
    memset(buf, 0, len);
    return SQLITE_IOERR_SHORT_READ;
  }
  if (before == UNPINNED)
    hold(reader); /* for this read: a host call that looks must not move the view */
  int rc = read_pinned(reader, buf, len, offset);
  if (before == UNPINNED)
    ls_reader_unpin(reader);
  return rc;
}
