/*
** lookahead.c - see lookahead.h.
*/
#include "lookahead.h"

#include "lookrows.h"
#include "lookwork.h"

#define FIRST_WIDTH 8u
#define LONG 64u

/* A scan of so many pages that lie anywhere will need what is between them, too. */
#define DENSE 512u
#define DENSE_GAP (UINT64_C(256) << 10)

/* Children that a scan may seem to have left out: SQLite has them, or they were in a small file. */
#define SKIP_MAX 64

static uint32_t slot_of(const ls_lookahead *la, ls_pgno pgno) {
  for (uint32_t i = 0; i < LS_NODES; i++)
    if (la->inner[i] == pgno)
      return i;
  return LS_NODES;
}

/* The node to be replaced: the oldest of the lowest ones, unless those are the smaller part. */
static uint32_t oldest(ls_lookahead *la, int kind) {
  uint32_t first = kind ? LS_NODES_OF_KIND : 0, high = 0, height = UINT32_MAX;
  for (uint32_t s = first; s < first + LS_NODES_OF_KIND; s++) {
    uint32_t h = la->nodes[s].height;
    high += h > 0;
    height = h > 0 && h < height ? h : height;
  }
  if (high <= LS_NODES_OF_KIND / 2)
    height = 0;
  for (;;) {
    uint32_t slot = first + la->turns[kind]++ % LS_NODES_OF_KIND;
    if (la->nodes[slot].height == height)
      return slot;
  }
}

/* Remembers an inner page. */
static uint32_t remember(ls_lookahead *la, ls_pgno pgno, int kind) {
  uint32_t slot = slot_of(la, pgno);
  if (slot == LS_NODES) {
    slot = oldest(la, kind);
    la->inner[slot] = pgno;
    la->nodes[slot] = (ls_node){.at = LS_NOWHERE};
  }
  return slot;
}

static int is_in(const ls_asked *a, const ls_file *file, uint32_t ordinal) {
  return a->serial == file->serial && ordinal >= a->from && ordinal < a->to;
}

int ls__lookahead_asked(const ls_lookahead *la, const ls_file *file, uint32_t ordinal) {
  for (uint32_t i = 0; i < LS_ASKED; i++)
    if (is_in(&la->asked[i], file, ordinal))
      return 1;
  return 0;
}

void ls__lookahead_forget(ls_lookahead *la, const ls_file *file, uint32_t ordinal) {
  for (uint32_t i = 0; i < LS_ASKED; i++)
    if (is_in(&la->asked[i], file, ordinal))
      la->asked[i].serial = 0;
}

void ls__lookahead_inner(ls_lookahead *la, ls_pgno pgno, int of_index) { remember(la, pgno, of_index); }

/* Opens the inner page beside one. Where it is not cached it is asked for. The scan will come in at its end. */
static int open_beside(ls_work *w, uint32_t *slot, int32_t step) {
  ls_node scan = w->la->nodes[*slot];
  uint32_t above, index;
  if (!ls__work_parent(w, w->la->inner[*slot], &above, &index))
    return 0;
  int64_t beside = (int64_t)index + step;
  if (beside < 0 || beside >= w->n)
    return 0;
  ls_pgno pgno = w->children[beside];
  int there = ls__work_open(w, pgno);
  if (!there)
    ls__work_add(w, pgno);
  *slot = remember(w->la, pgno, *slot >= LS_NODES_OF_KIND);
  ls_node *node = &w->la->nodes[*slot];
  node->at = step > 0 ? -1 : there ? (int32_t)w->n : LS_NOWHERE;
  node->step = step;
  node->width = scan.width;
  return there;
}

/* A scan is at child i of the inner page that is open: asks for the next ones. */
static void go_on(ls_work *w, uint32_t slot, int32_t i) {
  ls_node *node = &w->la->nodes[slot];
  int32_t step = node->step;
  node->at = i;
  node->width = node->width == 0               ? FIRST_WIDTH
                : node->width < LS_TARGETS_MAX ? node->width * 2
                                               : LS_TARGETS_MAX;
  uint32_t left = node->width;
  do {
    for (i += step; left > 0 && i >= 0 && i < (int32_t)w->n; i += step, left--)
      ls__work_add(w, w->children[i]);
    if (left == 0 || !open_beside(w, &slot, step))
      break;
    i = step > 0 ? -1 : (int32_t)w->n;
  } while (left > 0);
  if (w->la->nodes[slot].width >= DENSE)
    w->gap = DENSE_GAP;
  w->la->due = w->count > 0 ? w->targets[w->count / 2].pgno : 0;
}

/* Whether a scan that was at child `from` of the open inner page has come to child `to`. */
static int passed(const ls_work *w, int32_t from, int32_t to) {
  int32_t step = to > from ? 1 : -1;
  if (from == to || (to - from) * step > SKIP_MAX)
    return 0;
  for (int32_t i = from + step; i != to; i += step)
    if (!ls__work_covered(w, w->children[i]))
      return 0;
  return 1;
}

/* Whether the children of the open inner page are inner pages: those come one by one, with the scan below them. */
static int above_inner(const ls_work *w, int32_t i) {
  return i >= 0 && i < (int32_t)w->n && slot_of(w->la, w->children[i]) < LS_NODES;
}

static int tree_miss(ls_work *w, uint32_t slot, int32_t index, int ask) {
  ls_node *node = &w->la->nodes[slot];
  int32_t from = node->at, step = index > from ? 1 : -1;
  if (from != LS_NOWHERE && (node->step == 0 || node->step == step) && passed(w, from, index)) {
    node->step = step;
    node->at = index;
    if ((ask || w->la->due == w->children[index]) && !above_inner(w, from))
      go_on(w, slot, index);
    return node->width >= LONG;
  }
  if (index != from)
    *node = (ls_node){.low = node->low, .high = node->high, .at = index, .height = node->height};
  return 0;
}

int ls__lookahead_miss(ls_lookahead *la, const ls_sight *sight, ls_pgno pgno, int streams) {
  uint32_t slot, index, depth;
  int in_scan = 0, any = la->inner[0] || la->inner[LS_NODES_OF_KIND];
  ls_work *w = any ? ls__work_begin(la, sight) : NULL;
  if (!w)
    return 0;
  int ask = !streams && !ls__work_asked(w, pgno);
  if (ls__rows_miss(w, pgno, ask))
    in_scan = ask && la->rows.width > 0;
  else if (ls__work_parent(w, pgno, &slot, &index))
    in_scan = tree_miss(w, slot, (int32_t)index, ask) && !streams;
  if (ask)
    ls__work_climb(w, pgno, &depth); /* so that it is known which inner pages are the higher ones */
  ls__work_end(w);
  return in_scan;
}

void ls__lookahead_on(ls_lookahead *la, const ls_sight *sight, ls_pgno pgno) {
  uint32_t slot, index;
  ls_work *w = ls__work_begin(la, sight);
  int tree = la->due == pgno, rows = la->rows.due == pgno;
  if (tree)
    la->due = 0;
  if (!w)
    return;
  if (rows)
    ls__rows_on(w);
  if (tree && ls__work_parent(w, pgno, &slot, &index) && la->nodes[slot].step != 0)
    go_on(w, slot, (int32_t)index);
  ls__work_end(w);
}
