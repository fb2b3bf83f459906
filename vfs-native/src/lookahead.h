/*
** lookahead.h - what one reader will need of pages that its b-trees name, wherever those lie in files.
**
** A scan of a fragmented table, or of an index, goes from frame to frame in no order that readahead.h could see. But the
** inner pages that SQLite reads on its way name what comes next:
**
**     tree   an inner page's children, missed one after the other, are a scan: the next ones are asked for, 8 and then
**            twice as many each time, over the end of the inner page into its neighbour
**     rows   an index leaf's entries end with rowids. When pages of a table are missed that hold the rows of entries which
**            follow each other, the inner pages that lead to the rows of further entries are asked for and waited for, and
**            then the leaves that they name are asked for: what a scan asks for depends on its rows, not on time
**
** A reader remembers the inner pages that it has read last, and its last index leaf; their bytes are in the page cache, and
** are parsed when a page is missed. SQLite keeps pages by itself, so that reads that it repeats are not seen here: what was
** skipped counts as read if it is cached. A lookup shows neither pattern, and asks for nothing.
**
** What is asked for is sorted by its place in files; neighbours go into one request. It is asked for once: the last ranges
** are remembered, beside the streams of readahead.h. The page in the middle of it is `due`: when it is read, the scan goes
** on, so that the reader does not wait for more.
**
** Pages are untrusted (btree.h): what they name wrongly costs a request, never a wrong answer.
**
** Threading: the reader's.
*/
#ifndef LS_LOOKAHEAD_H
#define LS_LOOKAHEAD_H

#include "btree.h"
#include "epoch.h"
#include "readahead.h"
#include "view.h"

/* Of tables, and as many of indexes: the inner pages of a table of 100 MB. Of larger ones those higher up stay, which SQLite
** reads once. */
#define LS_NODES_OF_KIND 64u
#define LS_NODES (2 * LS_NODES_OF_KIND)

/* As many as one turn asks for: they take 8 KB. */
#define LS_ASKED 512

/* One inner page of a tree. */
typedef struct ls_node {
  ls_pgno low, high; /* of its children's page numbers; high 0: not parsed yet */
  int32_t
      at; /* the child that was missed last; LS_NOWHERE, or -1 or the number of children: a scan comes in */
  int32_t step;    /* 1 or -1 in a scan, else 0 */
  uint32_t width;  /* how many were asked for last; 0: no scan */
  uint32_t height; /* how many levels of inner pages are known to be below */
} ls_node;

#define LS_NOWHERE INT32_MIN

/* The rows of an index, in the order of its entries. */
typedef struct ls_rows {
  ls_pgno leaf;   /* of the index */
  ls_pgno root;   /* of the table */
  uint32_t depth; /* from the root to its leaves */
  int32_t at;     /* the entry whose row was missed last */
  int32_t step;
  uint32_t width;   /* how many rows were asked for last; 0: no scan yet */
  ls_pgno end_leaf; /* of the last entry whose row was asked for */
  int32_t end_at;   /* and its place there */
  ls_pgno due;      /* a page that was asked for, or none: the first that was not is due */
  int32_t due_at;   /* the entry whose row is there */
  ls_pgno due_leaf;
} ls_rows;

typedef struct ls_asked {
  uint64_t serial;
  uint32_t from, to; /* ordinals, `to` not included */
} ls_asked;

/* Zeroed at the begin. */
typedef struct ls_lookahead {
  ls_pgno inner[LS_NODES]; /* page numbers of `nodes`; 0: none. First those of tables */
  ls_node nodes[LS_NODES];
  uint32_t turns[2]; /* of each kind, the node to be replaced next */
  ls_pgno leaf;      /* the index leaf read last */
  ls_pgno due;       /* in a tree */
  ls_rows rows;
  ls_asked asked[LS_ASKED];
  uint32_t asked_turn;
} ls_lookahead;

/* Where pages are found. */
typedef struct ls_sight {
  uint64_t db_id;
  ls_reader *reader;
  int (*bring)(ls_reader *reader, ls_pgno pgno); /* waits for a page. Whether it is in the cache now */
  const ls_view *view;
  ls_guard *guard;
  const ls_readahead *streams;
} ls_sight;

/* Whether a frame was asked for: it is on its way, has failed, or came and was evicted. */
int ls__lookahead_asked(const ls_lookahead *la, const ls_file *file, uint32_t ordinal);
/* It did not come: the next reads there are as if it had never been asked for. */
void ls__lookahead_forget(ls_lookahead *la, const ls_file *file, uint32_t ordinal);

/* A page is not in the cache; read-ahead knows of it already. streams: it goes on with a scan in the order of the file, which
** needs no help. Whether the page is one of a long scan: what lies beside it in the file comes when its turn is. */
int ls__lookahead_miss(ls_lookahead *la, const ls_sight *sight, ls_pgno pgno, int streams);
/* A page that was asked for is read. */
void ls__lookahead_on(ls_lookahead *la, const ls_sight *sight, ls_pgno pgno);
/* An inner page was read. */
void ls__lookahead_inner(ls_lookahead *la, ls_pgno pgno, int of_index);

/* A whole page was read, from the cache or not. */
static inline void ls__lookahead_read(ls_lookahead *la, ls_pgno pgno, const uint8_t *page) {
  if (page[0] > LS_INDEX_LEAF || pgno == 1)
    return;
  if (page[0] == LS_INDEX_LEAF)
    la->leaf = pgno;
  else if (page[0] == LS_TABLE_INNER || page[0] == LS_INDEX_INNER)
    ls__lookahead_inner(la, pgno, page[0] == LS_INDEX_INNER);
}

static inline int ls__lookahead_due(const ls_lookahead *la, ls_pgno pgno) {
  return pgno == la->due || pgno == la->rows.due;
}

#endif
