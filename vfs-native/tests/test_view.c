/*
** test_view.c - the merge rule against a model that keeps every page's source in a plain array, and the numbers.
*/
#include "file.h"
#include "model.h"
#include "stub_api.h"
#include "view.h"

static char err[512];

/* ------------------------------------------------------------------------------------------------- brute-force model */

#define MAX_PAGES 1500
#define MAX_SOURCES 64

typedef struct source {
  ls_file *file;
  ls_file_info info;
  uint8_t has[MAX_PAGES + 1];
} source;

typedef struct state {
  ls_txid txid;
  ls_pgno commit;
  uint32_t page_size;
  int from[MAX_PAGES + 1]; /* index of the source, -1: none */
} state;

static source sources[MAX_SOURCES];
static int source_count;

static source *new_source(ls_db *db, const model_spec *spec, const uint8_t *has) {
  ls_pgno pgnos[MAX_PAGES];
  uint32_t n = 0;
  source *s = &sources[source_count++];
  memset(s, 0, sizeof *s);
  for (ls_pgno p = 1; p <= spec->commit; p++) {
    if (has[p]) {
      pgnos[n++] = p;
      s->has[p] = 1;
    }
  }
  s->file = model_file(db, spec, pgnos, n, 0);
  ls_file_get_info(s->file, &s->info);
  return s;
}

static int model_replaces(const ls_file_info *f, const ls_file_info *old) {
  if (old->max_txid < f->max_txid)
    return 1;
  if (old->max_txid == f->max_txid && f->level > old->level)
    return 1;
  return old->max_txid == f->max_txid && f->level == old->level && f->min_txid == old->min_txid &&
         f->file_id != old->file_id;
}

static void model_apply(state *s, int which) {
  const source *f = &sources[which];
  int newer = f->info.max_txid > s->txid;
  if (s->page_size && s->page_size != f->info.page_size) {
    if (!newer)
      return;
    for (int p = 0; p <= MAX_PAGES; p++)
      s->from[p] = -1;
  }
  for (ls_pgno p = 1; p <= MAX_PAGES; p++) {
    if (f->has[p] && (newer || p <= s->commit) &&
        (s->from[p] < 0 || model_replaces(&f->info, &sources[s->from[p]].info))) {
      s->from[p] = which;
    }
  }
  if (newer) {
    s->txid = f->info.max_txid;
    s->commit = f->info.commit;
    s->page_size = f->info.page_size;
    for (ls_pgno p = s->commit + 1; p <= MAX_PAGES; p++)
      s->from[p] = -1;
  }
}

static void check_state(const ls_view *view, const state *s) {
  const ls_view_info *info = ls__view_info(view);
  uint64_t ids[MAX_SOURCES];
  uint32_t used[MAX_SOURCES] = {0}, files = 0, holes = 0;
  ls_txid last = UINT64_MAX;
  CHECK_INT(s->txid, info->txid);
  CHECK_INT(s->commit, info->commit);
  CHECK_INT(s->page_size, info->page_size);
  CHECK(ls__view_check(view));
  for (ls_pgno p = 1; p <= MAX_PAGES; p++) {
    ls_file *file = NULL;
    uint32_t ordinal = 0;
    if (s->from[p] < 0) {
      CHECK(!ls__view_find(view, p, &file, &ordinal));
      holes += p <= s->commit;
      continue;
    }
    CHECK(ls__view_find(view, p, &file, &ordinal));
    if (file != sources[s->from[p]].file)
      CHECK_FAIL_("page %u: expected source %d", p, s->from[p]);
    CHECK_INT(p, ls__file_pgno(file, ordinal));
    files += used[s->from[p]]++ == 0;
  }
  CHECK_INT(holes, info->holes);
  CHECK_INT(files, info->files);
  CHECK_INT(files, ls_view_files(view, ids, MAX_SOURCES));
  for (uint32_t i = 0; i < files; i++) {
    int which = 0;
    while (sources[which].info.file_id != ids[i])
      which++;
    CHECK(used[which] > 0);
    used[which] = 0;                             /* each once */
    CHECK(sources[which].info.max_txid <= last); /* newest first */
    last = sources[which].info.max_txid;
  }
}

/* A random file that may follow or overlap a state. */
static int random_source(ls_db *db, const state *s, uint64_t *seed) {
  uint8_t has[MAX_PAGES + 1] = {0};
  model_spec spec = {.page_size = s->page_size ? s->page_size : 512, .version = (uint64_t)source_count + 1};
  int newer = s->txid == 0 || random_below(seed, 2), all = s->txid == 0 || random_below(seed, 5) == 0;
  spec.max = newer ? s->txid + 1 + random_below(seed, 3) : 1 + random_below(seed, s->txid);
  spec.min = all ? 1 : 1 + random_below(seed, spec.max > s->txid + 1 ? s->txid + 1 : spec.max);
  all = all || spec.min == 1; /* a file that begins at TXID 1 is a snapshot: it has every page */
  spec.level = (int)random_below(seed, 4) * 3;
  spec.commit = 1 + (ls_pgno)random_below(seed, MAX_PAGES);
  if (newer && all && random_below(seed, 4) == 0)
    spec.page_size = 512u << random_below(seed, 2);
  uint64_t density = 1 + random_below(seed, 40), begin = random_below(seed, spec.commit);
  for (ls_pgno p = 1; p <= spec.commit; p++)
    has[p] = all || (p >= begin && random_below(seed, density) == 0);
  return (int)(new_source(db, &spec, has) - sources);
}

/* Steps of random files; every view made on the way stays as it was, whatever is merged later. */
static void random_run(uint64_t seed) {
  enum { STEPS = 40 };
  static state states[STEPS];
  ls_view *views[STEPS];
  ls_file *files[STEPS];
  ls_db *db = model_db();
  state now = {0};
  source_count = 0;
  memset(now.from, 0xff, sizeof now.from);
  for (int step = 0; step < STEPS; step++) {
    ls_txid before = now.txid;
    int which = random_source(db, &now, &seed);
    files[step] = sources[which].file;
    model_apply(&now, which);
    CHECK_OK(step ? ls_view_apply(db, views[step - 1], files[step], &views[step], err, sizeof err)
                  : ls_view_build(db, files, 1, &views[step], err, sizeof err));
    check_state(views[step], &now);
    if (step) {
      uint32_t old = ls__view_info(views[step - 1])->state, new = ls__view_info(views[step])->state;
      CHECK(now.txid > before ? new > old : new == old);
    }
    states[step] = now;
  }
  for (int step = 0; step < STEPS; step++) {
    ls_view *built;
    check_state(views[step], &states[step]);
    CHECK_OK(ls_view_build(db, files, (uint32_t)step + 1, &built, err, sizeof err));
    check_state(built, &states[step]);
    CHECK_INT(SQLITE_OK, ls_view_same(built, views[step]));
    CHECK_INT(ls__view_info(views[step])->state, ls__view_info(built)->state);
    CHECK_INT(ls__view_info(views[step])->cookie, ls__view_info(built)->cookie);
    ls_view_unref(built);
  }
  for (int step = 0; step < STEPS; step++) {
    ls_view_unref(views[step]);
    ls_file_unref(files[step]);
  }
  ls_db_close(db);
  model_end();
}

/* --------------------------------------------------------------------------------------------------------- single rules */

static ls_db *db;

static ls_file *file_of(ls_txid min, ls_txid max, int level, ls_pgno commit, const ls_pgno *pgnos, uint32_t n,
                        uint32_t cookie) {
  model_spec spec = {512, commit, min, max, level, cookie, max * 100 + (uint64_t)level};
  return model_file(db, &spec, pgnos, n, 0);
}

static ls_view *build(ls_file *file) {
  ls_view *view = NULL;
  CHECK_OK(ls_view_build(db, &file, 1, &view, err, sizeof err));
  ls_file_unref(file);
  return view;
}

/* Takes over both references. */
static ls_view *apply(ls_view *base, ls_file *file) {
  ls_view *view = NULL;
  CHECK_OK(ls_view_apply(db, base, file, &view, err, sizeof err));
  ls_file_unref(file);
  ls_view_unref(base);
  return view;
}

static ls_txid stamp(const ls_view *view, ls_pgno pgno) {
  ls_file *file;
  uint32_t ordinal;
  return ls__view_find(view, pgno, &file, &ordinal) ? ls__file_info(file)->max_txid : 0;
}

#define PAGES(...) (const ls_pgno[]){__VA_ARGS__}, sizeof((ls_pgno[]){__VA_ARGS__}) / sizeof(ls_pgno)

static void c1_late_compaction_does_not_turn_pages_back(void) {
  db = model_db();
  ls_view *view = build(file_of(1, 1, 9, 4, NULL, 0, 1));
  view = apply(view, file_of(2, 2, 0, 4, PAGES(2), 0));
  view = apply(view, file_of(3, 3, 0, 4, PAGES(2, 3), 0));
  view = apply(view, file_of(4, 4, 0, 4, PAGES(2, 4), 0));
  view = apply(view, file_of(2, 3, 1, 4, PAGES(2, 3), 0));
  CHECK_INT(4, ls__view_info(view)->txid);
  CHECK_INT(4, stamp(view, 2));
  CHECK_INT(3, stamp(view, 3));
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

static void c2_late_compaction_of_a_smaller_database_keeps_the_size(void) {
  db = model_db();
  ls_view *view = build(file_of(1, 1, 9, 2, NULL, 0, 1));
  view = apply(view, file_of(2, 2, 0, 3, PAGES(1, 3), 1));
  view = apply(view, file_of(3, 3, 0, 9, PAGES(1, 4, 5, 6, 7, 8, 9), 1));
  view = apply(view, file_of(2, 2, 1, 3, PAGES(1, 3), 1));
  CHECK_INT(9, ls__view_info(view)->commit);
  CHECK_INT(0, ls__view_info(view)->holes);
  CHECK_INT(1, stamp(view, 2));
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

static void c3_c7_shrink_drops_only_what_is_above(void) {
  db = model_db();
  ls_view *view = build(file_of(1, 1, 9, 1000, NULL, 0, 1));
  view = apply(view, file_of(2, 2, 0, 300, PAGES(1, 7), 1));
  CHECK_INT(300, ls__view_info(view)->commit);
  CHECK_INT(0, ls__view_info(view)->holes);
  CHECK_INT(2, stamp(view, 7));
  CHECK_INT(1, stamp(view, 300));
  CHECK_INT(0, stamp(view, 301));
  /* Growth does not bring the old pages back: what no file gives is a hole. */
  view = apply(view, file_of(3, 3, 0, 600, PAGES(1, 600), 1));
  CHECK_INT(299, ls__view_info(view)->holes);
  CHECK_INT(0, stamp(view, 301));
  CHECK_INT(3, stamp(view, 600));
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

static void repointing_frees_the_files_below(void) {
  uint64_t ids[4], gone[4];
  db = model_db();
  ls_view *view = build(file_of(1, 1, 9, 600, NULL, 0, 1)), *same;
  view = apply(view, file_of(2, 2, 0, 600, PAGES(5, 500), 0));
  view = apply(view, file_of(3, 3, 0, 600, PAGES(6), 0));
  CHECK_INT(3, ls_view_files(view, NULL, 0));
  uint32_t number = ls__view_info(view)->state;
  ls_file *compacted = file_of(2, 3, 1, 600, PAGES(5, 6, 500), 0);
  CHECK_OK(ls_view_apply(db, view, compacted, &same, err, sizeof err));
  CHECK_INT(number, ls__view_info(same)->state);
  CHECK_INT(ls__view_info(view)->cookie, ls__view_info(same)->cookie);
  CHECK_INT(2, ls_view_files(same, ids, 4));
  CHECK_INT(model_id(compacted), ids[0]);
  CHECK_INT(0, ls_db_reap(db, gone, 4));
  ls_view_unref(view);
  CHECK_INT(2, ls_db_reap(db, gone, 4));
  CHECK_INT(0, ls_db_reap(db, gone, 4));
  /* The second time nothing changes: the very same view. */
  CHECK_OK(ls_view_apply(db, same, compacted, &view, err, sizeof err));
  CHECK(view == same);
  ls_view_unref(view);
  ls_view_unref(same);
  ls_file_unref(compacted);
  ls_db_close(db);
  model_end();
}

static void replaced_object_takes_all_entries(void) {
  db = model_db();
  ls_view *view = build(file_of(1, 1, 9, 8, NULL, 0, 1));
  view = apply(view, file_of(2, 2, 0, 8, PAGES(3, 4), 0));
  uint32_t number = ls__view_info(view)->state;
  ls_file *again = file_of(2, 2, 0, 8, PAGES(3, 4), 0);
  uint64_t ids[2], id = model_id(again);
  view = apply(view, again);
  CHECK_INT(number, ls__view_info(view)->state);
  CHECK_INT(2, ls_view_files(view, ids, 2));
  CHECK_INT(id, ids[0]);
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

static void gaps_and_page_sizes_are_refused(void) {
  ls_view *out = NULL;
  db = model_db();
  ls_view *view = build(file_of(1, 4, 9, 8, NULL, 0, 1));
  ls_file *gap = file_of(6, 6, 0, 8, PAGES(2), 0);
  CHECK_INT(SQLITE_MISUSE, ls_view_apply(db, view, gap, &out, err, sizeof err));
  CHECK_HAS("after a gap", err);
  CHECK_INT(SQLITE_MISUSE, ls_view_build(db, &gap, 1, &out, err, sizeof err));
  CHECK_INT(SQLITE_MISUSE, ls_view_build(db, NULL, 0, &out, err, sizeof err));
  ls_file_unref(gap);
  model_spec part = {1024, 8, 5, 5, 0, 0, 5}, full = {1024, 8, 5, 5, 0, 1, 5};
  ls_file *file = model_file(db, &part, PAGES(2), 0);
  CHECK_INT(SQLITE_MISMATCH, ls_view_apply(db, view, file, &out, err, sizeof err));
  CHECK_HAS("mem:0/5-5", err);
  CHECK_HAS("mem:9/1-4", err);
  CHECK(out == NULL);
  ls_file_unref(file);
  view = apply(view, model_file(db, &full, NULL, 0, 0));
  CHECK_INT(1024, ls__view_info(view)->page_size);
  CHECK_INT(1, ls_view_files(view, NULL, 0));
  /* A snapshot of the time before the change has nothing to give. */
  ls_view_ref(view);
  ls_view *same = apply(view, file_of(1, 4, 9, 8, NULL, 0, 1));
  CHECK(same == view);
  ls_view_unref(same);
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

static void cookie_rule(void) {
  db = model_db();
  ls_view *view = build(file_of(1, 1, 0, 4, NULL, 0, 7));
  uint32_t cookie = ls__view_info(view)->cookie;
#define STEP(keeps, ...)                                                                                     \
  do {                                                                                                       \
    view = apply(view, file_of(__VA_ARGS__));                                                                \
    CHECK_INT(keeps, ls__view_info(view)->cookie == cookie);                                                 \
    CHECK(ls__view_info(view)->cookie >= cookie);                                                            \
    cookie = ls__view_info(view)->cookie;                                                                    \
  } while (0)
  STEP(1, 2, 2, 0, 4, PAGES(2), 0);      /* no page 1 */
  STEP(1, 3, 3, 0, 4, PAGES(1, 2), 7);   /* the next L0, same real cookie */
  STEP(0, 4, 4, 0, 4, PAGES(1, 2), 8);   /* DDL */
  STEP(1, 5, 9, 1, 4, PAGES(2, 3), 0);   /* a compaction without page 1 */
  STEP(0, 10, 11, 1, 4, PAGES(1, 2), 8); /* a compaction with it: the same number can be another schema */
  STEP(0, 12, 12, 0, 4, PAGES(1, 2, 3, 4), 8); /* a full copy */
  STEP(0, 12, 13, 0, 4, PAGES(1, 2), 8);       /* not min = max */
  STEP(0, 14, 14, 2, 4, PAGES(1), 8);          /* not level 0 */
  STEP(1, 13, 14, 3, 4, PAGES(1, 2), 8);       /* a re-pointing */
  STEP(1, 15, 15, 0, 4, PAGES(1), 8);
#undef STEP
  ls_view *anew, *target = build(file_of(1, 15, 9, 4, NULL, 0, 8));
  CHECK(ls__view_info(target)->cookie != cookie);
  CHECK_INT(SQLITE_OK, ls_view_same(target, view));
  CHECK_INT(cookie, ls__view_info(target)->cookie);
  CHECK_INT(ls__view_info(view)->timestamp, ls__view_info(target)->timestamp);
  anew = build(file_of(1, 15, 9, 5, NULL, 0, 8));
  CHECK_INT(SQLITE_MISMATCH, ls_view_same(anew, view));
  ls_view_unref(anew);
  ls_view_unref(target);
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

/* The lock page of 64 KiB pages is 16385: it counts in commit, is in no file and is no hole. */
static void lock_page_is_no_hole(void) {
  db = model_db();
  model_spec spec = {65536, 3, 1, 1, 9, 1, 1}, grow = {65536, 16390, 2, 2, 0, 1, 2};
  ls_pgno pgnos[16390];
  uint32_t n = 0;
  for (ls_pgno p = 16380; p <= 16390; p++)
    if (p != 16385)
      pgnos[n++] = p;
  ls_view *view = build(model_file(db, &spec, NULL, 0, 0));
  view = apply(view, model_file(db, &grow, pgnos, n, 0));
  CHECK_INT(16390 - 1 - 3 - n, ls__view_info(view)->holes);
  CHECK_INT(0, stamp(view, 16385));
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
}

/* One snapshot plus small files: at most 2.5 bytes a page, files and views together. */
static void memory_per_page(void) {
  enum { PAGES_TOTAL = 100000, SMALL = 50 };
  ls_stats before, after;
  ls_stats_get(&before);
  ls_cache_limit(0);
  db = model_db();
  model_spec spec = {512, PAGES_TOTAL, 1, 1, 9, 1, 1};
  ls_view *view = build(model_file(db, &spec, NULL, 0, 0));
  for (ls_txid t = 2; t < 2 + SMALL; t++)
    view = apply(view, file_of(t, t, 0, PAGES_TOTAL, PAGES(1, (ls_pgno)t * 1000, (ls_pgno)t * 1500), 1));
  ls_stats_get(&after);
  double each = (double)(after.index_bytes - before.index_bytes) / (double)PAGES_TOTAL;
  printf("index and page map: %.3f bytes a page, %u pages in %u files\n", each, PAGES_TOTAL, 1 + SMALL);
  CHECK(each <= 2.5);
  ls_view_unref(view);
  ls_db_close(db);
  model_end();
  ls_cache_limit(UINT64_C(64) << 20);
}

/* A publish costs what the file touched: views share all other chunks. */
static void views_share_chunks(void) {
  ls_stats one, two;
  db = model_db();
  ls_view *view = build(file_of(1, 1, 9, 1400, NULL, 0, 1)), *next;
  ls_pgno pgnos[700];
  for (uint32_t i = 0; i < 700; i++)
    pgnos[i] = 2 * i + 2;
  view = apply(view, file_of(2, 2, 0, 1400, pgnos, 700, 0));
  ls_file *small = file_of(3, 3, 0, 1400, PAGES(700), 0);
  ls_stats_get(&one);
  CHECK_OK(ls_view_apply(db, view, small, &next, err, sizeof err));
  ls_stats_get(&two);
  CHECK(two.index_bytes - one.index_bytes < 1400); /* one chunk of 128 entries, the directory, the view */
  ls_file_unref(small);
  ls_view_unref(view);
  ls_view_unref(next);
  ls_db_close(db);
  model_end();
}

/* Fails each allocation in turn: the result is NOMEM or right, and nothing leaks. */
static void out_of_memory(void) {
  static const model_spec first = {512, 900, 1, 1, 9, 1, 1}, shrunk = {512, 600, 1, 2, 9, 1, 2};
  static bytes made[2];
  int failed = 1;
  uint32_t points = 0;
  for (uint64_t n = 1; failed; n++) {
    uint64_t seed = 5;
    uint64_t blocks = stub_blocks();
    db = model_db();
    ls_file *files[3] = {model_file_again(db, &first, 0, &made[0]),
                         file_of(2, 2, 0, 1100, PAGES(1, 300, 1100), 1),
                         model_file_again(db, &shrunk, 0, &made[1])};
    ls_view *view = NULL, *next = NULL, *last = NULL;
    stub_fail_malloc(n, (int)random_below(&seed, 2));
    int rc = ls_view_build(db, files, 1, &view, err, sizeof err);
    if (rc == SQLITE_OK)
      rc = ls_view_apply(db, view, files[1], &next, err, sizeof err);
    if (rc == SQLITE_OK)
      rc = ls_view_apply(db, next, files[2], &last, err, sizeof err);
    failed = stub_malloc_failed();
    stub_fail_malloc(0, 0);
    /* A view is whole without what is carried over to it. */
    CHECK(rc == SQLITE_OK ? !failed || last != NULL : failed && rc == SQLITE_NOMEM);
    CHECK(view == NULL || ls__view_check(view));
    CHECK(next == NULL || ls__view_check(next));
    ls_view_unref(view);
    ls_view_unref(next);
    ls_view_unref(last);
    for (int i = 0; i < 3; i++)
      ls_file_unref(files[i]);
    ls_db_close(db);
    model_end();
    ls_cache_limit(0); /* the pages that this round cached */
    ls_cache_limit(UINT64_C(64) << 20);
    CHECK(stub_blocks() <= blocks + 1);
    points += (uint32_t)failed;
  }
  printf("%u allocations failed, one by one\n", points);
}

int main(void) {
  model_start();
  for (uint64_t seed = 1; seed <= 25; seed++)
    random_run(seed);
  c1_late_compaction_does_not_turn_pages_back();
  c2_late_compaction_of_a_smaller_database_keeps_the_size();
  c3_c7_shrink_drops_only_what_is_above();
  repointing_frees_the_files_below();
  replaced_object_takes_all_entries();
  gaps_and_page_sizes_are_refused();
  cookie_rule();
  lock_page_is_no_hole();
  memory_per_page();
  views_share_chunks();
  out_of_memory();
  return 0;
}
