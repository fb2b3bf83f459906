/*
** lookwork.c - see lookwork.h.
*/
#include "lookwork.h"

#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "locate.h"

/* A lookup takes as much for a page, so a smaller gap is read over rather than paid for by another request. */
#define GAP LS_WINDOW

/* What the scan comes to first goes out first: so many pages. The rest is sorted for as few requests as possible. */
#define SOON 32u

/* As in readahead.c, but for pages that need not come in the order in which they are read. */
#define RANGE_MAX (UINT64_C(2) << 20)
#define AHEAD_MAX (UINT64_C(32) << 20)
#define BUDGET_SHARE 8

/* Deeper trees than SQLite can make. */
#define DEPTH_MAX 20u

/* A piece of a page index tells of more frames than that (file.h). */
#define LEARN_TOGETHER (8 * LS_PART)

/* So many of them come with one request. */
#define LEARN_RUN 16u

/* Of what no step of the turn waits for. */
#define LEARN_LATER 16u

/* A page index of so many bytes, that of 1.5 GB, is worth being read for inner pages that are needed later. */
#define SMALL_INDEX (UINT64_C(4) << 20)

ls_work *ls__work_begin(ls_lookahead *la, const ls_sight *sight) {
  const ls_view_info *info = ls__view_info(sight->view);
  uint32_t entries = LS_ENTRIES_MAX(info->page_size);
  uint64_t lists = entries * (sizeof(int64_t) + sizeof(ls_pgno));
  ls_work *work = sqlite3_malloc64(sizeof *work + lists + info->page_size);
  if (!work)
    return NULL;
  uint64_t budget = ls__cache_budget() / BUDGET_SHARE;
  work->la = la;
  work->sight = sight;
  work->page_size = info->page_size;
  work->commit = info->commit;
  work->room = budget < AHEAD_MAX ? budget : AHEAD_MAX;
  work->limit = work->room;
  work->gap = GAP;
  work->soon = SOON;
  work->count = 0;
  work->unplaced_count = 0;
  work->n = 0;
  work->rowids = (int64_t *)(work + 1);
  work->children = (ls_pgno *)(work->rowids + entries);
  work->page = (uint8_t *)(work->children + entries);
  return work;
}

/* ------------------------------------------------------------------------------------------------------------ collecting */

/* Whether a frame is under way, or was when it was asked for. What came with a lone miss is cached, or will not come. */
static int asked(const ls_work *w, const ls_file *file, uint32_t ordinal) {
  for (uint32_t i = 0; i < LS_STREAMS; i++) {
    const ls_stream *s = &w->sight->streams->streams[i];
    if (s->serial == file->serial && s->from != s->at && ordinal >= s->low && ordinal < s->next)
      return 1;
  }
  return ls__lookahead_asked(w->la, file, ordinal);
}

/* Where a page is that is not in the cache, and does not come with a small file. */
static int absent(const ls_work *w, ls_pgno pgno, ls_target *out) {
  out->pgno = pgno;
  out->needed = 0;
  return pgno != 0 && ls__view_find(w->sight->view, pgno, &out->file, &out->ordinal) &&
         out->file->size > LS_WHOLE_MAX && !ls__cache_has(out->file->serial, out->ordinal);
}

/* Where a page is that must be asked for. */
static int missing(const ls_work *w, ls_pgno pgno, ls_target *out) {
  return absent(w, pgno, out) && !asked(w, out->file, out->ordinal);
}

int ls__work_covered(const ls_work *w, ls_pgno pgno) {
  ls_target t;
  return !missing(w, pgno, &t);
}

int ls__work_asked(const ls_work *w, ls_pgno pgno) {
  ls_file *file;
  uint32_t ordinal;
  return ls__view_find(w->sight->view, pgno, &file, &ordinal) && ls__lookahead_asked(w->la, file, ordinal);
}

/* Notes that it is to be found out where a page lies. */
static void note_unplaced(ls_work *w, const ls_target *t) {
  uint32_t group = t->ordinal / LEARN_TOGETHER;
  for (uint32_t i = 0; i < w->unplaced_count; i++) {
    ls_unplaced *u = &w->unplaced[i];
    if (u->file == t->file && u->group == group) {
      u->first = t->ordinal < u->first ? t->ordinal : u->first;
      u->last = t->ordinal > u->last ? t->ordinal : u->last;
      return;
    }
  }
  if (w->unplaced_count < LS_LEARN_MAX)
    w->unplaced[w->unplaced_count++] = (ls_unplaced){t->file, group, t->ordinal, t->ordinal, 0, 0};
}

static int small_index(const ls_file *file) { return file->size - file->index_start <= SMALL_INDEX; }

static int is_placed(const ls_target *t) { return ls__index_known(&t->file->index, t->ordinal); }

static int collect(ls_work *w, const ls_target *t) {
  if (!is_placed(t)) {
    note_unplaced(w, t);
    return 0;
  }
  uint32_t length = ls__index_length(&t->file->index, t->ordinal);
  if (w->count == LS_TARGETS_MAX || length > w->room)
    return 0;
  w->room -= length;
  w->targets[w->count++] = *t;
  return 1;
}

int ls__work_add(ls_work *w, ls_pgno pgno) {
  ls_target t;
  return missing(w, pgno, &t) && collect(w, &t);
}

void ls__work_once(ls_work *w, ls_pgno pgno, int needed) {
  ls_target t;
  for (uint32_t i = 0; i < w->count; i++) {
    if (w->targets[i].pgno == pgno) {
      w->targets[i].needed |= needed;
      return;
    }
  }
  if (!absent(w, pgno, &t) || (!needed && asked(w, t.file, t.ordinal)))
    return;
  t.needed = needed;
  if (needed || is_placed(&t) || small_index(t.file))
    collect(w, &t);
}

void ls__work_place(ls_work *w, ls_pgno pgno, int soon) {
  ls_target t;
  if (missing(w, pgno, &t) && !is_placed(&t) && (soon || small_index(t.file)))
    note_unplaced(w, &t);
}

int ls__work_load(ls_work *w, ls_pgno pgno) {
  ls_file *file;
  uint32_t ordinal;
  return pgno > 1 && ls__view_find(w->sight->view, pgno, &file, &ordinal) &&
         ls__cache_has(file->serial, ordinal) &&
         ls__cache_read(w->sight->guard, file, ordinal, w->page, 0, w->page_size);
}

int ls__work_open(ls_work *w, ls_pgno pgno) {
  w->n = ls__work_load(w, pgno) ? ls__btree_children(w->page, w->page_size, w->commit, w->children) : 0;
  return w->n > 0;
}

/* Notes the bounds of an inner page's children, so that it need not be opened for others. */
static void note_bounds(const ls_work *w, ls_node *node) {
  node->low = node->high = w->children[0];
  for (uint32_t i = 1; i < w->n; i++) {
    node->low = w->children[i] < node->low ? w->children[i] : node->low;
    node->high = w->children[i] > node->high ? w->children[i] : node->high;
  }
}

int ls__work_parent(ls_work *w, ls_pgno pgno, uint32_t *slot, uint32_t *index) {
  for (uint32_t s = 0; s < LS_NODES; s++) {
    ls_node *node = &w->la->nodes[s];
    if (!w->la->inner[s] || (node->high && (pgno < node->low || pgno > node->high)) ||
        !ls__work_open(w, w->la->inner[s]))
      continue;
    note_bounds(w, node);
    for (uint32_t i = 0; i < w->n; i++) {
      if (w->children[i] == pgno) {
        *slot = s;
        *index = i;
        return 1;
      }
    }
  }
  return 0;
}

ls_pgno ls__work_climb(ls_work *w, ls_pgno pgno, uint32_t *depth) {
  uint32_t slot, index;
  for (*depth = 0; *depth < DEPTH_MAX && ls__work_parent(w, pgno, &slot, &index); ++*depth) {
    pgno = w->la->inner[slot];
    if (w->la->nodes[slot].height < *depth)
      w->la->nodes[slot].height = *depth;
  }
  return pgno;
}

/* ---------------------------------------------------------------------------------------------------------------- asking */

static int by_place(const void *a, const void *b) {
  const ls_target *left = a, *right = b;
  if (left->file->serial != right->file->serial)
    return left->file->serial < right->file->serial ? -1 : 1;
  return left->ordinal < right->ordinal ? -1 : left->ordinal > right->ordinal;
}

static uint64_t end_of(const ls_target *t) {
  return ls__index_offset(&t->file->index, t->ordinal) + ls__index_length(&t->file->index, t->ordinal);
}

/* How many of the sorted targets, from the first on, go into one request. */
static uint32_t together(const ls_work *w, const ls_target *t, uint32_t count) {
  uint64_t begin = ls__index_offset(&t->file->index, t->ordinal), end = end_of(t);
  uint32_t n = 1;
  for (; n < count && t[n].file == t->file; n++) {
    uint64_t next = ls__index_offset(&t->file->index, t[n].ordinal);
    if (t[n].ordinal != t[n - 1].ordinal && (next - end > w->gap || end_of(&t[n]) - begin > RANGE_MAX))
      break;
    end = end_of(&t[n]);
  }
  return n;
}

static int ask(ls_work *w, const ls_target *first, const ls_target *last) {
  uint64_t offset = ls__index_offset(&first->file->index, first->ordinal), length = end_of(last) - offset;
  if (length > w->limit ||
      !ls__host_ahead(w->sight->db_id, first->file, first->ordinal, offset, (uint32_t)length))
    return 0;
  w->limit -= length;
  w->la->asked[w->la->asked_turn++ % LS_ASKED] =
      (ls_asked){first->file->serial, first->ordinal, last->ordinal + 1};
  return 1;
}

static int ask_all(ls_work *w, ls_target *t, uint32_t count) {
  if (count > 0)
    qsort(t, count, sizeof *t, by_place);
  for (uint32_t i = 0, n; i < count; i += n) {
    n = together(w, t + i, count - i);
    if (!ask(w, &t[i], &t[i + n - 1]))
      return 0;
  }
  return 1;
}

static void ask_for_targets(ls_work *w) {
  uint32_t soon = w->count < w->soon ? w->count : w->soon;
  if (ask_all(w, w->targets, soon))
    ask_all(w, w->targets + soon, w->count - soon);
}

/* -------------------------------------------------------------------------------------------------------------- learning */

static int by_group(const void *a, const void *b) {
  const ls_unplaced *left = a, *right = b;
  if (left->file->serial != right->file->serial)
    return left->file->serial < right->file->serial ? -1 : 1;
  return left->group < right->group ? -1 : left->group > right->group;
}

/* Makes one of neighbours that are unplaced, and finds the pieces of the index for each. How many there are. */
static uint32_t find_pieces(ls_work *w) {
  uint32_t n = 0, begin = 0;
  qsort(w->unplaced, w->unplaced_count, sizeof *w->unplaced, by_group);
  for (uint32_t i = 0; i < w->unplaced_count; i++) {
    ls_unplaced *u = &w->unplaced[i], *before = n > 0 ? &w->unplaced[n - 1] : NULL;
    if (before && before->file == u->file && u->group <= before->group + 2 && u->group < begin + LEARN_RUN) {
      before->group = u->group;
      before->last = u->last;
    } else {
      begin = u->group;
      w->unplaced[n++] = *u;
    }
  }
  for (uint32_t i = 0; i < n; i++) {
    ls_unplaced *u = &w->unplaced[i];
    uint32_t first = u->first - u->first % LEARN_TOGETHER;
    ls__locate_piece(u->file, first, (u->group + 1) * LEARN_TOGETHER, &u->offset, &u->length);
  }
  return n;
}

/* Asks for the pieces, so far as they may be. */
static void ask_for_pieces(ls_work *w, uint32_t n) {
  for (uint32_t i = 0; i < n && w->unplaced[i].length <= w->limit; i++) {
    w->limit -= w->unplaced[i].length;
    if (!ls__host_ahead(w->sight->db_id, w->unplaced[i].file, LS_PAGE_INDEX, w->unplaced[i].offset,
                        w->unplaced[i].length))
      return;
  }
}

static int has_learnt(const ls_unplaced *u) {
  return ls__index_known(&u->file->index, u->first) && ls__index_known(&u->file->index, u->last);
}

/* Waits for the pieces. How many have told what they were read for. */
static uint32_t await_pieces(const ls_work *w, uint32_t n) {
  uint32_t come = 0;
  for (uint32_t i = 0; i < n; i++) {
    const ls_unplaced *u = &w->unplaced[i];
    if (!has_learnt(u) &&
        ls__locate_read(w->sight->db_id, w->sight->reader, u->file, u->offset, u->length) != SQLITE_OK)
      break;
    come += (uint32_t)has_learnt(u);
  }
  return come;
}

uint32_t ls__work_settle(ls_work *w) {
  uint32_t pieces = find_pieces(w);
  ask_for_targets(w);
  if (pieces > 1) /* a single one is read by who waits for it */
    ask_for_pieces(w, pieces);
  uint32_t come = await_pieces(w, pieces);
  w->unplaced_count = 0;
  for (uint32_t i = 0; i < w->count; i++) {
    if (!w->targets[i].needed)
      continue;
    if (!w->sight->bring(w->sight->reader, w->targets[i].pgno))
      break;
    come++;
  }
  w->count = 0;
  return come;
}

void ls__work_end(ls_work *w) {
  ask_for_targets(w);
  if (w->unplaced_count > LEARN_LATER)
    w->unplaced_count = LEARN_LATER;
  ask_for_pieces(w, find_pieces(w));
  sqlite3_free(w);
}
