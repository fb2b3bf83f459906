/*
** btree.h - what a page of SQLite's b-trees says of other pages: the children of an inner page, and the rowids that the
** entries of an index leaf end with.
**
** The bytes come from a store and are not trusted: a page that is not sound in what is read of it counts as none of the
** kind. A page that is sound by chance, such as one of overflow, gives page numbers within the database and rowids that
** lead nowhere: good enough for guesses, and used for nothing else.
**
** Pages are 512 to 65,536 bytes, and never page 1. Functions are pure.
*/
#ifndef LS_BTREE_H
#define LS_BTREE_H

#include "litestream.h"

/* The first byte of a page. */
#define LS_INDEX_INNER 0x02
#define LS_TABLE_INNER 0x05
#define LS_INDEX_LEAF 0x0a

/* At most so many entries are on a page: a cell takes 4 bytes at least, its pointer 2. */
#define LS_ENTRIES_MAX(size) ((size) / 6 + 1)

/* The children of an inner page in the order of their keys, each in 1..commit. Returns how many; 0: it is none. */
uint32_t ls__btree_children(const uint8_t *page, uint32_t size, ls_pgno commit, ls_pgno *out);

/* The rowids in the child `index` of a table's inner page are in (*above, *upto]. 0: there is no such child. */
int ls__btree_range(const uint8_t *page, uint32_t size, uint32_t index, int64_t *above, int64_t *upto);

/* The child of a table's inner page in which a rowid is, if it is anywhere; 0: it is no such page. */
ls_pgno ls__btree_seek(const uint8_t *page, uint32_t size, ls_pgno commit, int64_t rowid);

/* The rowids of an index leaf's entries, in its order. Entries with overflow pages have none. Returns how many; 0: it is
** no leaf of an index on a table with rowids. */
uint32_t ls__btree_rowids(const uint8_t *page, uint32_t size, int64_t *out);

/* The rowid of an index entry that stands in an inner page, after child `index`. */
int ls__btree_divider(const uint8_t *page, uint32_t size, uint32_t index, int64_t *out);

#endif
