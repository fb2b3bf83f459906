/*
** lookwork.h - one turn of a look-ahead: pages are collected, and then asked for in as few requests as make sense.
**
** Its memory is there for that turn only: a reader between misses holds none.
*/
#ifndef LS_LOOKWORK_H
#define LS_LOOKWORK_H

#include "lookahead.h"

/* In one turn. */
#define LS_TARGETS_MAX 2048u

#define LS_LEARN_MAX 512u

typedef struct ls_target {
  ls_file *file;
  uint32_t ordinal;
  ls_pgno pgno;
  int needed; /* for the next step of the turn */
} ls_target;

/* Neighbours among frames of which it is not known where they lie. */
typedef struct ls_unplaced {
  ls_file *file;
  uint32_t group;       /* of LEARN_TOGETHER frames */
  uint32_t first, last; /* the frames that are needed of them */
  uint64_t offset;      /* the piece of the page index that tells of them */
  uint32_t length;
} ls_unplaced;

typedef struct ls_work {
  ls_lookahead *la;
  const ls_sight *sight;
  uint32_t page_size;
  ls_pgno commit;
  uint64_t room;  /* bytes of pages that may still be collected */
  uint64_t limit; /* bytes of files that may still be asked for */
  uint64_t gap;   /* bytes that are read over */
  uint32_t soon;  /* how many go out first */
  uint32_t count; /* of targets, in the order in which they were found */
  ls_target targets[LS_TARGETS_MAX];
  uint32_t unplaced_count;
  ls_unplaced unplaced[LS_LEARN_MAX];
  uint8_t *page;     /* the one that was loaded last */
  ls_pgno *children; /* of the inner page that was opened last */
  uint32_t n;
  int64_t *rowids; /* of an index leaf */
} ls_work;

/* owned; NULL without memory: nothing is asked for then. */
ls_work *ls__work_begin(ls_lookahead *la, const ls_sight *sight);
/* Asks for what was collected, and waits for what is needed of it, and for where pages lie of which that was not known: how
** much of both has come. */
uint32_t ls__work_settle(ls_work *work);
/* Asks for what was collected, and frees the work. */
void ls__work_end(ls_work *work);

/* Whether nothing need be asked for a page: it is cached, under way, or cannot be asked for. */
int ls__work_covered(const ls_work *work, ls_pgno pgno);
/* Whether a page that is missed was asked for, and so is on its way or has failed. */
int ls__work_asked(const ls_work *work, ls_pgno pgno);
/* Adds a page that is not covered. Whether it did. */
int ls__work_add(ls_work *work, ls_pgno pgno);
/* Adds one that may have been added. needed: it is waited for, also where it is under way. */
void ls__work_once(ls_work *work, ls_pgno pgno, int needed);
/* Finds out where a page lies that is to be added later, if that is not known. soon: also where the page index is long. */
void ls__work_place(ls_work *work, ls_pgno pgno, int soon);

/* Reads a page into work->page, if it is in the cache. */
int ls__work_load(ls_work *work, ls_pgno pgno);
/* Loads an inner page, and fills work->children. */
int ls__work_open(ls_work *work, ls_pgno pgno);
/* Opens the inner page that names a page as its child, among those that the reader remembers: its slot there, and the
** child's place. */
int ls__work_parent(ls_work *work, ls_pgno pgno, uint32_t *slot, uint32_t *index);
/* The root of the tree in which a page is, as far as the reader remembers it, and how far above the page it is. */
ls_pgno ls__work_climb(ls_work *work, ls_pgno pgno, uint32_t *depth);

#endif
