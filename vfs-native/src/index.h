/*
** index.h - the page index of one file: where the frame of a page lies. Compact and immutable.
**
** Frames lie back to back in ascending page order, so a frame's ordinal, its length and an offset now and then say it
** all:
**
**     lengths   u16 for each frame; 0 stands for a length over 65,535, kept in `longs` (64 KiB pages only)
**     anchors   u64 for each 64 frames: the offset of the first of them
**     pgnos     u32 for each frame, only in a sparse index
**
** A dense index is that of a file with every page 1..commit (the lock page aside): the ordinal follows from the page
** number, and a page costs 2.125 bytes. A sparse one costs 6.125 bytes a page. Of a dense one that is too long to be read
** as a whole, only parts are known (parts.h): then `parts` is all there is.
*/
#ifndef LS_INDEX_H
#define LS_INDEX_H

#include "core.h"
#include "parts.h"

typedef struct ls_long_frame {
  uint32_t ordinal, length;
} ls_long_frame;

typedef struct ls_index {
  uint32_t count;
  uint32_t long_count;
  ls_pgno lock;               /* the lock page of the page size */
  const uint64_t *anchors;    /* begin of the one allocation that holds all arrays */
  const ls_long_frame *longs; /* ascending */
  const ls_pgno *pgnos;       /* ascending; NULL: dense */
  const uint16_t *lengths;
  uint64_t bytes;  /* of that allocation */
  ls_parts *parts; /* NULL: every frame is known */
} ls_index;

/* Parses the index bytes of a file, terminator included, which begin at offset `start` of the file. Checked: page
** numbers ascend, are <= commit and not the lock page; the first frame follows the header, each frame its predecessor,
** and the zero page header the last. SQLITE_OK, SQLITE_CORRUPT or SQLITE_NOMEM. */
int ls__index_parse(ls_index *out, const uint8_t *bytes, uint64_t n, uint64_t start, ls_pgno commit,
                    uint32_t page_size, const ls_report *to);
/* The index of a snapshot, of which nothing is known yet: bytes [begin, end) of the file, terminator included. SQLITE_OK or
** SQLITE_NOMEM. */
int ls__index_in_parts(ls_index *out, uint64_t begin, uint64_t end, ls_pgno commit, uint32_t page_size);
void ls__index_free(ls_index *index);
/* What it takes in memory now. */
uint64_t ls__index_bytes(const ls_index *index);

/* SQLITE_OK and *ordinal, or SQLITE_NOTFOUND. O(1) when dense, else O(log count). */
int ls__index_find(const ls_index *index, ls_pgno pgno, uint32_t *ordinal);

/* For ordinal < count. */
ls_pgno ls__index_pgno(const ls_index *index, uint32_t ordinal);

/* Whether it is known where a frame lies. Once it is, it stays so. */
static inline int ls__index_known(const ls_index *index, uint32_t ordinal) {
  return index->parts == NULL || ls__parts_known(index->parts, ordinal);
}

/* Where a frame begins, and for ordinal == count where the last one ends; a guess, where that is not known. */
uint64_t ls__index_begin(const ls_index *index, uint32_t ordinal);

/* Of a frame that is known. */
uint32_t ls__index_length(const ls_index *index, uint32_t ordinal);
uint64_t ls__index_offset(const ls_index *index, uint32_t ordinal);

#endif
