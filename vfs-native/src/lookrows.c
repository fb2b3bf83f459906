/*
** lookrows.c - see lookrows.h.
*/
#include "lookrows.h"

/* Entries that a scan may leave out: rows that SQLite has in its own cache. */
#define SKIP_MAX 8

#define FIRST_WIDTH 8u
#define WIDTH_MAX 512u
#define GROWTH 4u

/* Inner pages are few, and a leaf can only be asked for when they are there: so many times as far, once it is known that
** the scan is none of a handful of rows. */
#define INNER_AHEAD 8u

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

/* The leaf of the index beside one, whose rowids are then there. Where it is not cached it is asked for. The row of the
** entry between the two, which is in the page above them, is asked for, too. */
static ls_pgno leaf_beside(ls_work *w, ls_pgno leaf, int32_t step, uint32_t *n) {
  uint32_t slot, index;
  if (!ls__work_parent(w, leaf, &slot, &index))
    return 0;
  int64_t beside = (int64_t)index + step, rowid;
  ls_pgno next = beside >= 0 && beside < w->n ? w->children[beside] : 0;
  int inner,
      between = next != 0 && ls__btree_divider(w->page, w->page_size, step > 0 ? index : index - 1, &rowid);
  if (between)
    ls__work_add(w, descend(w, rowid, &inner));
  if (next == 0 || !ls__work_load(w, next)) {
    ls__work_add(w, next);
    return 0;
  }
  *n = ls__btree_rowids(w->page, w->page_size, w->rowids);
  return *n > 0 ? next : 0;
}

static int32_t distance(int32_t a, int32_t b) { return a > b ? a - b : b - a; }

/* A scan earns more by what it reads: a query that ends after a few rows has asked for a few more. */
static void grow(ls_rows *r) {
  if (r->width > 0 && r->leaf == r->grown_in && (uint32_t)distance(r->at, r->grown_at) < r->width / 2)
    return;
  r->width = r->width == 0 ? FIRST_WIDTH : r->width * GROWTH < WIDTH_MAX ? r->width * GROWTH : WIDTH_MAX;
  r->grown_in = r->leaf;
  r->grown_at = r->at;
}

/* Asks for the rows of the entries after the one where the scan is. */
static void go_on(ls_work *w) {
  ls_rows *r = &w->la->rows;
  uint32_t n = ls__work_load(w, r->leaf) ? ls__btree_rowids(w->page, w->page_size, w->rowids) : 0;
  ls_pgno leaf = r->leaf;
  int32_t i = r->at;
  uint32_t leaves = 0;
  grow(r);
  uint32_t reach = r->width == FIRST_WIDTH ? FIRST_WIDTH : r->width * INNER_AHEAD;
  r->due = 0;
  for (uint32_t seen = 0; n > 0 && seen < reach; seen++) {
    int inner;
    i += r->step;
    if (i < 0 || i >= (int32_t)n) {
      leaf = leaf_beside(w, leaf, r->step, &n);
      if (!leaf)
        break;
      i = r->step > 0 ? 0 : (int32_t)n - 1;
    }
    ls_pgno pgno = descend(w, w->rowids[i], &inner);
    if ((inner || seen < r->width) && ls__work_add(w, pgno) && !inner && ++leaves <= r->width / 2) {
      r->due = pgno;
      r->due_at = i;
      r->due_leaf = leaf;
    }
  }
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
  int32_t from = r->leaf == w->la->leaf ? r->at : r->step < 0 ? (int32_t)LS_ENTRIES_MAX(w->page_size) : -1;
  int32_t at = entry(w, index, from);
  if (at == LS_NOWHERE)
    return 0;
  ls_pgno root = climb(w, pgno, &depth);
  int known = r->root == root && r->depth == depth;
  int inner = r->root == root && depth < r->depth; /* on the way to a row */
  int32_t step = at > from ? 1 : -1, far = distance(at, from);
  int32_t skip = inner ? 1 : SKIP_MAX + (int32_t)r->width;
  int follows = (known || inner) && at != from && far <= skip && (r->leaf == w->la->leaf || r->width > 0) &&
                (r->step == 0 || r->step == step);
  if (inner && (!follows || r->width > 0))
    return r->width > 0;
  if (!follows) {
    *r = (ls_rows){.leaf = w->la->leaf, .root = root, .depth = depth, .at = at};
    return 0;
  }
  r->leaf = w->la->leaf;
  r->at = inner ? from : at;
  r->step = step;
  if (ask || r->due == pgno)
    go_on(w);
  return 1;
}

void ls__rows_on(ls_work *w) {
  ls_rows *r = &w->la->rows;
  r->leaf = r->due_leaf;
  r->at = r->due_at;
  go_on(w);
}
