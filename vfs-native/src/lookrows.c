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
#define INNER_MAX 1536u

/* What goes out first; fewer than for a tree, because what lies anywhere is better sorted. */
#define SOON 8u

/* So many leaves of an index hold the entries of a turn, unless those are long. */
#define LEAVES_AHEAD 4u

/* Deeper trees than SQLite can make. */
#define DEPTH_MAX 20u

/* The table's root, as far as the reader has read it, above the open inner page, and how far above the missed page. */
static ls_pgno climb(ls_work *w, ls_pgno pgno, uint32_t *depth) {
  uint32_t slot, index;
  ls_pgno root = pgno;
  for (*depth = 0; *depth < DEPTH_MAX && ls__work_parent(w, root, &slot, &index); ++*depth)
    root = w->la->inner[slot];
  return root;
}

/* The leaf in which a row is; or the first page on the way to it that is not cached, which is an inner page (*inner). */
static ls_pgno descend(ls_work *w, int64_t rowid, int *inner) {
  const ls_rows *r = &w->la->rows;
  ls_pgno pgno = r->root;
  for (uint32_t level = 0; level < r->depth; level++) {
    *inner = 1;
    if (!ls__work_load(w, pgno))
      return pgno;
    pgno = ls__btree_seek(w->page, w->page_size, w->commit, rowid);
    if (pgno == 0)
      return 0;
  }
  *inner = 0;
  return pgno;
}

/* A place among the entries of an index. */
typedef struct place {
  ls_pgno leaf; /* whose rowids are in work->rowids */
  uint32_t n;
  int32_t i;
  uint32_t seen; /* entries passed on the way there */
  int rows;      /* whether rows are asked for on that way */
} place;

/* Whether the place is one of those whose rows are asked for in this turn. */
static int near(const ls_work *w, const place *p) { return p->seen < w->la->rows.width; }

static void enter(ls_work *w, place *p, ls_pgno leaf) {
  p->leaf = leaf;
  p->n = ls__work_load(w, leaf) ? ls__btree_rowids(w->page, w->page_size, w->rowids) : 0;
}

/* Goes on to the leaf of the index beside that of the place. The entry between the two is in the page above them. A leaf that is not there is needed by what is near, or was asked for when it was not. */
static int enter_beside(ls_work *w, place *p) {
  uint32_t slot, index;
  int32_t step = w->la->rows.step;
  if (!ls__work_parent(w, p->leaf, &slot, &index))
    return 0;
  int64_t beside = (int64_t)index + step, rowid;
  ls_pgno next = beside >= 0 && beside < w->n ? w->children[beside] : 0;
  int inner,
      between = next != 0 && ls__btree_divider(w->page, w->page_size, step > 0 ? index : index - 1, &rowid);
  if (between && p->rows)
    ls__work_add(w, descend(w, rowid, &inner));
  if (next == 0)
    return 0;
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

static place start(ls_work *w, int rows) {
  place p = {.i = w->la->rows.at, .rows = rows};
  enter(w, &p, w->la->rows.leaf);
  return p;
}

/* Collects the inner pages that are missing on the way to further rows: `reach` of them. */
static void find_inner(ls_work *w, uint32_t reach) {
  for (place p = start(w, 0); p.n > 0 && p.seen < reach && next_place(w, &p); p.seen++) {
    int inner;
    ls_pgno pgno = descend(w, w->rowids[p.i], &inner);
    if (inner)
      ls__work_once(w, pgno, near(w, &p) || ls__work_asked(w, pgno));
  }
}

/* Collects the leaves of the rows that are near. In a long scan, one of the first half is due. */
static void find_leaves(ls_work *w) {
  ls_rows *r = &w->la->rows;
  place p = start(w, 1);
  for (; p.n > 0 && near(w, &p) && next_place(w, &p); p.seen++) {
    int inner;
    ls_pgno pgno = descend(w, w->rowids[p.i], &inner);
    r->end_leaf = p.leaf;
    r->end_at = p.i;
    if (!inner && ls__work_add(w, pgno) && r->width == WIDTH_MAX && p.seen < WIDTH_MAX / 2) {
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
    find_inner(w, reach);
    if (ls__work_settle(w) == 0)
      break;
  }
  w->soon = SOON;
  find_leaves(w);
}

/* The entry that led to child `index` of the open inner page: the one that is nearest to where the scan was. */
static int32_t entry(ls_work *w, uint32_t index, int32_t from) {
  int64_t above, upto;
  int32_t best = LS_NOWHERE;
  if (!ls__btree_range(w->page, w->page_size, index, &above, &upto) || !ls__work_load(w, w->la->leaf))
    return LS_NOWHERE;
  uint32_t n = ls__btree_rowids(w->page, w->page_size, w->rowids);
  for (int32_t i = 0; i < (int32_t)n; i++) {
    int here = w->rowids[i] <= upto && (w->rowids[i] > above || above == INT64_MIN);
    if (here && (best == LS_NOWHERE || distance(i, from) < distance(best, from)))
      best = i;
  }
  return best;
}

int ls__rows_miss(ls_work *w, ls_pgno pgno, uint32_t index, int ask) {
  ls_rows *r = &w->la->rows;
  uint32_t depth;
  if (!w->la->leaf || w->page[0] != LS_TABLE_INNER)
    return 0;
  int32_t from = r->end_leaf == w->la->leaf ? r->end_at
                 : r->step < 0              ? (int32_t)LS_ENTRIES_MAX(w->page_size)
                                            : -1;
  int32_t at = entry(w, index, from);
  if (at == LS_NOWHERE)
    return 0;
  ls_pgno root = climb(w, pgno, &depth);
  int inner = r->root == root && depth < r->depth; /* on the way to a row */
  int known = inner || (r->root == root && r->depth == depth);
  if (!ask && r->due != pgno)
    return known; /* on its way: where the scan is will be seen by what was not asked for */
  int32_t step = at > from ? 1 : -1;
  int follows = known && at != from && distance(at, from) <= (inner ? 1 : SKIP_MAX) &&
                (r->end_leaf == w->la->leaf || r->width > 0) && (r->step == 0 || r->step == step);
  if (inner && !follows)
    return r->width > 0;
  if (!follows) {
    *r = (ls_rows){
        .leaf = w->la->leaf, .root = root, .depth = depth, .at = at, .end_leaf = w->la->leaf, .end_at = at};
    return 0;
  }
  r->leaf = w->la->leaf;
  r->at = inner ? at - step : at;
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
