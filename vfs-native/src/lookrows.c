/*
** lookrows.c - see lookrows.h.
*/
#include "lookrows.h"

/* Entries that a scan may leave out: rows that SQLite has in its own cache. */
#define SKIP_MAX 8

/* A query of a handful of rows brings little more than those; one of 500 has asked for all of them in four turns. */
#define FIRST_WIDTH 6u
#define WIDTH_MAX 512u
#define GROWTH 4u

/* Inner pages are few, and a leaf can only be asked for when they are there: so many times as far, within limits, once it is
** known that the scan is none of a handful of rows. */
#define INNER_AHEAD 16u
#define INNER_MAX 512u

/* What goes out first; fewer than for a tree, because what lies anywhere is better sorted. */
#define SOON 8u

/* So many leaves of an index hold the entries of a turn, unless those are long. */
#define LEAVES_AHEAD 4u

/* The leaf in which a row is; or the first page on the way to it that is not cached, which is an inner page. *above: how far
** above the leaf. */
static ls_pgno descend(ls_work *w, int64_t rowid, uint32_t *above) {
  const ls_rows *r = &w->la->rows;
  ls_pgno pgno = r->root;
  for (*above = r->depth; *above > 0; --*above) {
    if (!ls__work_load(w, pgno))
      return pgno;
    pgno = ls__btree_seek(w->page, w->page_size, w->commit, rowid);
    if (pgno == 0)
      return 0;
  }
  return pgno;
}

/* What is collected on the way along the entries. */
enum { NEEDED_INNER, LEAVES, FURTHER_INNER };

/* A place among the entries of an index. */
typedef struct place {
  ls_pgno leaf; /* whose rowids are in work->rowids */
  uint32_t n;
  int32_t i;
  uint32_t seen; /* entries passed on the way there */
  int what;      /* is collected on that way */
} place;

/* Whether the place is one of those whose rows are asked for in this turn. */
static int near(const ls_work *w, const place *p) { return p->seen < w->la->rows.width; }

static void enter(ls_work *w, place *p, ls_pgno leaf) {
  p->leaf = leaf;
  p->n = ls__work_load(w, leaf) ? ls__btree_rowids(w->page, w->page_size, w->rowids) : 0;
}

/* Collects a page on the way to the row of the place, or of the entry beside it. The leaf, or 0. Before leaves are collected it
** is found out where they lie. */
static ls_pgno collect(ls_work *w, const place *p, int64_t rowid) {
  uint32_t above;
  ls_pgno pgno = descend(w, rowid, &above);
  if (p->what == LEAVES)
    return above == 0 && ls__work_add(w, pgno) ? pgno : 0;
  int needed = near(w, p) || (above > 1 && ls__work_asked(w, pgno));
  if (above > 0 && (needed || p->what == FURTHER_INNER))
    ls__work_once(w, pgno, p->what == NEEDED_INNER);
  else if (p->what == NEEDED_INNER && (above > 0 || near(w, p)))
    ls__work_place(w, pgno, near(w, p));
  return 0;
}

/* Goes on to the leaf of the index beside that of the place. The entry between the two is in the page above them. A leaf that
** is not there is needed by what is near, or was asked for when it was not. */
static int enter_beside(ls_work *w, place *p) {
  uint32_t slot, index;
  int32_t step = w->la->rows.step;
  if (!ls__work_parent(w, p->leaf, &slot, &index))
    return 0;
  int64_t beside = (int64_t)index + step, rowid;
  if (beside < 0 || beside >= w->n)
    return 0;
  ls_pgno next = w->children[beside];
  if (ls__btree_divider(w->page, w->page_size, step > 0 ? index : index - 1, &rowid))
    collect(w, p, rowid);
  if (!ls__work_load(w, next)) {
    ls__work_once(w, next, near(w, p) || ls__work_asked(w, next));
    for (uint32_t i = 1; i < LEAVES_AHEAD && beside + step >= 0 && beside + step < w->n; i++)
      ls__work_once(w, w->children[beside += step], 0);
    return 0;
  }
  enter(w, p, next);
  p->i = step > 0 ? 0 : (int32_t)p->n - 1;
  return p->n > 0;
}

/* The place after this one. 0: there is none, or it is not known yet. */
static int next_place(ls_work *w, place *p) {
  p->i += w->la->rows.step;
  return (p->i >= 0 && p->i < (int32_t)p->n) || enter_beside(w, p);
}

static int32_t distance(int32_t a, int32_t b) { return a > b ? a - b : b - a; }

/* A scan earns more by what it reads: a query that ends after a few rows has asked for a few more. */
static void grow(ls_rows *r) {
  r->width = r->width == 0 ? FIRST_WIDTH : r->width * GROWTH < WIDTH_MAX ? r->width * GROWTH : WIDTH_MAX;
}

static place start(ls_work *w, int what) {
  place p = {.i = w->la->rows.at, .what = what};
  enter(w, &p, w->la->rows.leaf);
  return p;
}

/* Collects the inner pages that are missing on the way to further rows: `reach` of them. */
static void find_inner(ls_work *w, int what, uint32_t reach) {
  for (place p = start(w, what); p.n > 0 && p.seen < reach && next_place(w, &p); p.seen++)
    collect(w, &p, w->rowids[p.i]);
}

/* Collects the leaves of the rows that are near. In a long scan, one of the first half is due. */
static void find_leaves(ls_work *w) {
  ls_rows *r = &w->la->rows;
  for (place p = start(w, LEAVES); p.n > 0 && near(w, &p) && next_place(w, &p); p.seen++) {
    ls_pgno pgno = collect(w, &p, w->rowids[p.i]);
    r->end_leaf = p.leaf;
    r->end_at = p.i;
    if (pgno && r->width == WIDTH_MAX && p.seen < WIDTH_MAX / 2) {
      r->due = pgno;
      r->due_at = p.i;
      r->due_leaf = p.leaf;
    }
  }
}

/* Asks for the rows of the entries after the one where the scan is. Waits for what names them, so that what is asked for
** depends on the rows alone, and not on how fast pages come. */
static void go_on(ls_work *w) {
  ls_rows *r = &w->la->rows;
  grow(r);
  r->due = 0;
  r->end_leaf = r->leaf;
  r->end_at = r->at;
  uint32_t reach = r->width == FIRST_WIDTH              ? FIRST_WIDTH
                   : r->width * INNER_AHEAD < INNER_MAX ? r->width * INNER_AHEAD
                                                        : INNER_MAX;
  for (uint32_t turn = 0; turn <= r->depth + LEAVES_AHEAD; turn++) {
    find_inner(w, NEEDED_INNER, reach);
    if (ls__work_settle(w) == 0)
      break;
  }
  w->soon = SOON;
  find_leaves(w);
  ls__work_settle(w);
  find_inner(w, FURTHER_INNER, reach);
}

/* The entry near `from`, in the leaf whose rowids are in w->rowids, that leads to a page which is not cached. *above: how
** far above the row's leaf that is. */
static int32_t near_entry(ls_work *w, uint32_t n, ls_pgno pgno, int32_t from, uint32_t *above) {
  int32_t step = w->la->rows.step < 0 ? -1 : 1;
  for (int32_t far = 0; far <= 2 * (int32_t)SKIP_MAX && w->la->rows.root; far++) {
    int32_t i = from + (far % 2 ? (far + 1) / 2 : -far / 2) * step;
    if (i >= 0 && i < (int32_t)n && descend(w, w->rowids[i], above) == pgno)
      return i;
  }
  return LS_NOWHERE;
}

/* The entry of that leaf which led to child `index` of the open inner page: the one that is nearest to `from`. */
static int32_t entry(const ls_work *w, uint32_t n, uint32_t index, int32_t from) {
  int64_t above, upto;
  int32_t best = LS_NOWHERE;
  if (w->page[0] != LS_TABLE_INNER || !ls__btree_range(w->page, w->page_size, index, &above, &upto))
    return LS_NOWHERE;
  for (int32_t i = 0; i < (int32_t)n; i++) {
    int here = w->rowids[i] <= upto && (w->rowids[i] > above || above == INT64_MIN);
    if (here && (best == LS_NOWHERE || distance(i, from) < distance(best, from)))
      best = i;
  }
  return best;
}

/* Which entry led to a page that was missed. */
typedef struct lead {
  int32_t at;     /* LS_NOWHERE: none did */
  int known;      /* its row is in the table of the scan */
  uint32_t above; /* how far above the row's leaf the page is, as far as that is known */
  ls_pgno root;
  uint32_t depth; /* of the page, or of the leaves where that is known */
} lead;

static lead find_lead(ls_work *w, uint32_t n, ls_pgno pgno, int32_t from) {
  const ls_rows *r = &w->la->rows;
  uint32_t slot, index;
  lead l = {.known = 1, .root = r->root, .depth = r->depth};
  l.at = near_entry(w, n, pgno, from, &l.above);
  if (l.at != LS_NOWHERE)
    return l;
  l.at = ls__work_parent(w, pgno, &slot, &index) ? entry(w, n, index, from) : LS_NOWHERE;
  if (l.at == LS_NOWHERE || (r->root && descend(w, w->rowids[l.at], &l.above) == pgno))
    return l;
  l.root = ls__work_climb(w, pgno, &l.depth);
  l.known = r->root == l.root && r->depth >= l.depth;
  l.above = l.known ? r->depth - l.depth : 0;
  return l;
}

int ls__rows_miss(ls_work *w, ls_pgno pgno, int ask) {
  ls_rows *r = &w->la->rows;
  ls_pgno leaf = w->la->leaf;
  if (!leaf || !ls__work_load(w, leaf))
    return 0;
  uint32_t n = ls__btree_rowids(w->page, w->page_size, w->rowids);
  int32_t from = r->end_leaf == leaf ? r->end_at : r->step < 0 ? (int32_t)n : -1;
  lead l = find_lead(w, n, pgno, from);
  if (l.at == LS_NOWHERE)
    return 0;
  if (!ask && r->due != pgno)
    return l.known; /* on its way: where the scan is will be seen by what was not asked for */
  int32_t step = l.at > from ? 1 : -1;
  int follows = l.known && l.at != from && distance(l.at, from) <= (l.above ? 1 : SKIP_MAX) &&
                (r->end_leaf == leaf || r->width > 0) && (r->step == 0 || r->step == step);
  if (l.above && !follows)
    return r->width > 0;
  if (!follows) {
    *r = (ls_rows){
        .leaf = leaf, .root = l.root, .depth = l.depth, .at = l.at, .end_leaf = leaf, .end_at = l.at};
    return 0;
  }
  r->leaf = leaf;
  r->at = l.above ? l.at - step : l.at;
  r->step = step;
  go_on(w);
  return 1;
}

void ls__rows_on(ls_work *w) {
  ls_rows *r = &w->la->rows;
  r->leaf = r->due_leaf;
  r->at = r->due_at;
  go_on(w);
}
