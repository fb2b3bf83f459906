/*
** parts.h - a page index of which only parts are known: that of a large snapshot.
**
** A snapshot has every page, so the ordinal of a frame follows from its page number, and nothing but the frame's place needs
** to be looked up. Its entry is found as one finds a name in a directory: entries are nearly of the same size, so the place
** of an entry in the index is guessed from those that are known around it, and from how long the three numbers of each
** entry between are (the page numbers are known, offsets grow with them). A piece of the index around there is read. Its entries
** are found in it by themselves: CHAIN of them in a row, each with the next page number and with a frame that begins where
** the one before it ends, are no accident; and they say which ordinals they are of. Each piece that was read narrows the next
** guess. A piece that makes no sense, or disagrees with what is known, teaches nothing. A walk from an entry that is known on,
** with every check of entries.h, always comes to the entry that is looked for, or to the error.
**
** What is known is kept in parts of LS_PART frames, or not at all:
**
**     table      for each part a pointer, NULL until it is known: 8 bytes
**     a part     lengths (u16), an offset (u64) for each 64 frames, the place of its first entry: 1,096 bytes
**
** So a page costs 2.16 bytes once its entry was read, and 0.016 before.
**
** Threading: any. A part is published by one atomic store and never changes; readers take no lock. Two threads that learn
** the same part at once have equal ones, of which one is dropped.
*/
#ifndef LS_PARTS_H
#define LS_PARTS_H

#include <stdatomic.h>

#include "core.h"

#ifdef LS_MUTANTS
#define LS_PART 8u /* the simulator's databases have a few dozen pages */
#define LS_PART_GROUP 4u
#else
#define LS_PART 512u
#define LS_PART_GROUP 64u
#endif

/* Lengths are u16: larger pages, whose frames may be longer, have no index in parts. */
#define LS_PARTS_PAGE_MAX 16384u

typedef struct ls_part {
  uint64_t position; /* of its first entry in the file */
  uint64_t anchors[LS_PART / LS_PART_GROUP];
  uint16_t lengths[LS_PART];
} ls_part;

typedef struct ls_parts {
  uint32_t count; /* of frames */
  uint32_t size;  /* of the table */
  ls_pgno commit, lock;
  uint32_t length_max;
  uint64_t begin, end; /* of the index in the file; its terminator is the last byte */
  _Atomic(ls_part *) table[];
} ls_parts;

/* An entry in the index: of which frame, where it stands in the file, and where the frame begins. */
typedef struct ls_place {
  uint32_t ordinal;
  uint64_t position, offset;
} ls_place;

/* Of a snapshot whose index has the bytes [begin, end) of the file. Nothing is known. NULL without memory. */
ls_parts *ls__parts_new(ls_pgno commit, uint32_t page_size, uint64_t begin, uint64_t end);
void ls__parts_free(ls_parts *parts);
uint64_t ls__parts_bytes(const ls_parts *parts);

static inline ls_part *ls__parts_at(const ls_parts *parts, uint32_t number) {
  return atomic_load_explicit(&parts->table[number], memory_order_acquire);
}

static inline int ls__parts_known(const ls_parts *parts, uint32_t ordinal) {
  return ls__parts_at(parts, ordinal / LS_PART) != NULL;
}

/* Of a frame that is known. */
uint32_t ls__parts_length(const ls_parts *parts, uint32_t ordinal);
uint64_t ls__parts_offset(const ls_parts *parts, uint32_t ordinal);

/* The next entries that are known, or the bounds of the index, around a frame that is not known: below->ordinal <= ordinal <
** above->ordinal. */
void ls__parts_around(const ls_parts *parts, uint32_t ordinal, ls_place *below, ls_place *above);

/* Where an entry is likely to be, and its frame. ordinal <= count. */
void ls__parts_guess(const ls_parts *parts, uint32_t ordinal, ls_place *out);

/* Finds the first entry in a piece of the index, which begins at `offset` of the file. 0: none that is certain. */
int ls__parts_sync(const ls_parts *parts, uint64_t offset, const uint8_t *bytes, uint64_t n, ls_place *first);

/* Takes over all whole parts from a piece that begins with the entry `first`. *added: bytes of memory that it took. SQLITE_OK,
** SQLITE_CORRUPT (nothing is taken) or SQLITE_NOMEM. */
int ls__parts_learn(ls_parts *parts, const ls_place *first, const uint8_t *bytes, uint64_t n, uint64_t *added,
                    const ls_report *to);

#endif
