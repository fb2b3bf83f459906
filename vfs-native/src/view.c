/*
** view.c - see view.h. The page map does the work; here are its order, the numbers and the ABI.
*/
#include "view.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "carry.h"
#include "db.h"
#include "file.h"
#include "mutate.h"
#include "pagemap.h"
#include "stats.h"

struct ls_view {
  atomic_uint refs;
  uint32_t shift;
  uint32_t real_cookie; /* in page 1's file; info.cookie is the one that readers see */
  ls_view_info info;
  ls_map map;
};

typedef enum change { NOTHING, REPOINTED, NEW_STATE } change;

static atomic_uint last_state, last_cookie;

/* 0 stays free: it is what SQLite sees of a database without a header. */
static uint32_t fresh(atomic_uint *last) {
  uint32_t number = atomic_fetch_add_explicit(last, 1, memory_order_relaxed) + 1;
  return number ? number : fresh(last);
}

static uint32_t log2_of(uint32_t page_size) {
  uint32_t shift = 0;
  while (page_size > UINT32_C(1) << shift)
    shift++;
  return shift;
}

/* -------------------------------------------------------------------------------------------------------------- life */

static ls_view *view_new(void) {
  ls_view *view = sqlite3_malloc64(sizeof *view);
  if (view) {
    memset(view, 0, sizeof *view);
    atomic_init(&view->refs, 1);
    ls__stat_add(LS_STAT_VIEWS, 1);
    ls__stat_add(LS_STAT_INDEX_BYTES, sizeof *view);
  }
  return view;
}

static ls_view *view_copy(const ls_view *from) {
  ls_view *view = view_new();
  if (view && ls__map_copy(&view->map, &from->map) != SQLITE_OK) {
    ls_view_unref(view);
    return NULL;
  }
  if (view) {
    view->shift = from->shift;
    view->real_cookie = from->real_cookie;
    view->info = from->info;
  }
  return view;
}

void ls_view_ref(ls_view *view) { atomic_fetch_add_explicit(&view->refs, 1, memory_order_relaxed); }

void ls_view_unref(ls_view *view) {
  if (view && atomic_fetch_sub_explicit(&view->refs, 1, memory_order_acq_rel) == 1) {
    ls__map_clear(&view->map);
    ls__stat_add(LS_STAT_VIEWS, -1);
    ls__stat_add(LS_STAT_INDEX_BYTES, -(int64_t)sizeof *view);
    sqlite3_free(view);
  }
}

/* ------------------------------------------------------------------------------------------------------------- merge */

static const char *newest_name(const ls_view *view) {
  return view->map.files ? ls__file_name(view->map.use[0].file) : "no file";
}

/* Whether `file` may be merged at all. */
static int admit(const ls_view *view, const ls_file *file, char *err, uint32_t cap) {
  const ls_file_info *f = ls__file_info(file);
  if (f->min_txid - 1 > view->info.txid) {
    ls__err_set(err, cap, "%s: begins at TXID %016llx, after a gap: the view ends at %016llx",
                ls__file_name(file), (unsigned long long)f->min_txid, (unsigned long long)view->info.txid);
    return SQLITE_MISUSE;
  }
  if (view->info.page_size && f->page_size != view->info.page_size && !(f->flags & LS_FILE_FULL)) {
    ls__err_set(
        err, cap,
        "%s: page size %u, but %u in %s: a change of page size needs a file with every page, and this has "
        "%u of %u; the view stays at TXID %016llx",
        ls__file_name(file), f->page_size, view->info.page_size, newest_name(view), f->pages, f->commit,
        (unsigned long long)view->info.txid);
    return SQLITE_MISMATCH;
  }
  return SQLITE_OK;
}

/* The planted defects that act on the whole map. Returns the commit that they report, or that of the rule. */
static ls_pgno spoil(ls_view *view, const ls_file_info *f, int newer) {
  if (f->commit < view->info.commit && ((LS_MUTATED(2) && !newer) || (LS_MUTATED(3) && newer))) {
    ls__map_clear(&view->map);
    view->info.commit = f->commit;
  }
  if (LS_MUTATED(7) && f->commit < view->info.commit)
    return view->info.commit;
  return newer ? f->commit : view->info.commit;
}

/* Merge rule 5.6 on a view that nobody else can see. Sets all but the numbers. */
static int merge(ls_view *view, ls_file *file, change *what, char *err, uint32_t cap) {
  const ls_file_info *f = ls__file_info(file);
  int newer = f->max_txid > view->info.txid, changed = 0;
  int rc = admit(view, file, err, cap);
  *what = NOTHING;
  if (rc != SQLITE_OK)
    return rc;
  if (view->info.page_size != f->page_size) {
    if (!newer) {
      return SQLITE_OK; /* an old full copy, from before the page size changed: it holds no page of this view */
    }
    ls__map_clear(&view->map);
  }
  ls_pgno commit = spoil(view, f, newer);
  rc = ls__map_overlay(&view->map, file, commit, &changed);
  if (rc == SQLITE_OK && newer)
    rc = ls__map_cut(&view->map, commit);
  if (rc != SQLITE_OK) {
    ls__err_set(err, cap, "%s: out of memory while it is merged into a view", ls__file_name(file));
    return rc;
  }
  ls__map_prune(&view->map);
  if (newer) {
    view->info.txid = f->max_txid;
    view->info.timestamp = f->timestamp;
    view->info.page_size = f->page_size;
    view->shift = log2_of(f->page_size);
    view->info.commit = commit;
  }
  *what = newer ? NEW_STATE : changed ? REPOINTED : NOTHING;
  return SQLITE_OK;
}

/* What follows from the finished map. */
static void describe(ls_view *view) {
  ls_view_info *info = &view->info;
  ls_file *file;
  uint32_t ordinal;
  info->files = view->map.files;
  info->holes = ls__full_count(info->commit, info->page_size) - ls__map_pages(&view->map);
  view->real_cookie = ls__view_find(view, 1, &file, &ordinal) ? ls__file_info(file)->cookie : 0;
#ifdef LS_DEBUG
  assert(ls__view_check(view));
#endif
}

/* The cookie rule of view.h. */
static int keeps_schema(const ls_view *view, const ls_view *before, const ls_file_info *f) {
  if (!(f->flags & LS_FILE_PAGE1))
    return 1;
  return f->level == 0 && f->min_txid == f->max_txid && f->max_txid - 1 == before->info.txid &&
         !(f->flags & LS_FILE_FULL) && view->real_cookie == before->real_cookie;
}

/* --------------------------------------------------------------------------------------------------------------- ABI */

int ls_view_build(ls_db *db, ls_file *const *files, uint32_t n, ls_view **out, char *err, uint32_t err_cap) {
  int rc = SQLITE_OK;
  change what;
  if (n == 0) {
    ls__err_set(err, err_cap, "%s: a view needs at least one file", ls__db_label(db));
    return SQLITE_MISUSE;
  }
  ls_view *view = view_new();
  if (!view) {
    ls__err_set(err, err_cap, "%s: out of memory for a view", ls__db_label(db));
    return SQLITE_NOMEM;
  }
  ls__db_merge_enter(db);
  for (uint32_t i = 0; i < n && rc == SQLITE_OK; i++)
    rc = merge(view, files[i], &what, err, err_cap);
  if (rc == SQLITE_OK)
    describe(view);
  ls__db_merge_leave(db);
  if (rc != SQLITE_OK) {
    ls_view_unref(view);
    return rc;
  }
  view->info.state = fresh(&last_state);
  view->info.cookie = fresh(&last_cookie);
  *out = view;
  return SQLITE_OK;
}

int ls_view_apply(ls_db *db, ls_view *base, ls_file *file, ls_view **out, char *err, uint32_t err_cap) {
  change what = NOTHING;
  ls_view *view = view_copy(base);
  if (!view) {
    ls__err_set(err, err_cap, "%s: out of memory for a view", ls__db_label(db));
    return SQLITE_NOMEM;
  }
  ls__db_merge_enter(db);
  int rc = merge(view, file, &what, err, err_cap);
  if (rc == SQLITE_OK && what != NOTHING)
    describe(view);
  ls__db_merge_leave(db);
  if (rc != SQLITE_OK || what == NOTHING) {
    ls_view_unref(view);
    view = base;
  }
  if (rc != SQLITE_OK)
    return rc;
  if (what == NOTHING) {
    ls_view_ref(base);
  } else if (what == REPOINTED) {
    ls__carry_same(&base->map, &view->map);
  } else if (what == NEW_STATE) {
    view->info.state = fresh(&last_state);
    if (!keeps_schema(view, base, ls__file_info(file)))
      view->info.cookie = fresh(&last_cookie);
    ls__carry_hot(&base->map, &view->map, file);
  }
  *out = view;
  return SQLITE_OK;
}

int ls_view_same(ls_view *view, const ls_view *same) {
  if (view->info.txid != same->info.txid || view->info.commit != same->info.commit ||
      view->info.page_size != same->info.page_size) {
    return SQLITE_MISMATCH;
  }
  view->info.state = same->info.state;
  view->info.cookie = same->info.cookie;
  view->info.timestamp =
      same->info.timestamp; /* a snapshot's is later than that of the transaction it ends with */
  ls__carry_same(&same->map, &view->map);
  return SQLITE_OK;
}

int ls_view_gap(const ls_view *view, const ls_view *before, const ls_file *file, uint32_t ordinal,
                uint32_t most, uint32_t *first, uint64_t *offset, uint32_t *length, uint32_t *next) {
  ls_gap gap;
  if (view->info.page_size != before->info.page_size ||
      !ls__carry_gap(&before->map, &view->map, file, ordinal, most, &gap))
    return SQLITE_DONE;
  *first = gap.first;
  *offset = gap.offset;
  *length = gap.length;
  *next = gap.next;
  return SQLITE_OK;
}

void ls_view_get_info(const ls_view *view, ls_view_info *out) { *out = view->info; }

uint32_t ls_view_files(const ls_view *view, uint64_t *file_ids, uint32_t cap) {
  for (uint32_t i = 0; i < view->map.files && i < cap; i++)
    file_ids[i] = ls__file_info(view->map.use[i].file)->file_id;
  return view->map.files;
}

const ls_view_info *ls__view_info(const ls_view *view) { return &view->info; }

uint32_t ls__view_shift(const ls_view *view) { return view->shift; }

int ls__view_find(const ls_view *view, ls_pgno pgno, ls_file **file, uint32_t *ordinal) {
  return ls__map_find(&view->map, pgno, file, ordinal);
}

void ls__view_held(const ls_view *view, uint32_t *pages, uint32_t *held) {
  *pages = ls__map_pages(&view->map);
  *held = ls__carry_held(&view->map);
}

int ls__view_check(const ls_view *view) {
  return ls__map_check(&view->map) && (LS_MUTATED(2) || view->info.commit == 0 ||
                                       ls__map_pages(&view->map) + view->info.holes ==
                                           ls__full_count(view->info.commit, view->info.page_size));
}
