/*
** entries.h - walks over entries of a page index, and checks each against the one before it.
**
** An entry is three varints: page number, offset and length of the page's frame. Page numbers ascend, are <= commit and not
** the lock page; a frame begins where its predecessor ends; the last one ends at the zero page header. The bytes may be
** a part of an index: a walk begins with what is known of the frame before, and ends where the bytes do.
**
** Threading: the caller's. Errors are SQLITE_CORRUPT, with a text.
*/
#ifndef LS_ENTRIES_H
#define LS_ENTRIES_H

#include "core.h"

/* Five bytes of a page number, ten of an offset and of a length. */
#define LS_ENTRY_MAX 25u

typedef struct ls_entry {
  ls_pgno pgno;
  uint32_t length;
} ls_entry;

typedef struct ls_entries {
  const uint8_t *begin, *p, *end;
  uint64_t start; /* offset of `begin` in the file */
  uint64_t index; /* where the index begins in the file */
  ls_pgno commit, lock, last;
  uint32_t length_max;
  uint64_t offset; /* where the next frame must begin */
  const ls_report *to;
} ls_entries;

/* SQLITE_ROW with an entry, SQLITE_DONE at the terminator, which must be at the end of the bytes. */
int ls__entries_next(ls_entries *entries, ls_entry *out);

#endif
