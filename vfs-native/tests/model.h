/*
** model.h - a db with files in memory and a host that serves them, for the tests of views and readers.
**
** Every page that a file of the model holds is ltx_fill'ed with a version, so that a reader's bytes tell which file they
** came from. The host's table is installed once; what it does is set in `host_does`.
*/
#ifndef LS_MODEL_H
#define LS_MODEL_H

#include "check.h"
#include "core.h"
#include "litestream.h"
#include "ltx_build.h"

#define MODEL_FILES 4096
#define MODEL_AHEADS 1024 /* pending at the same time */

typedef struct model_spec {
  uint32_t page_size;
  ls_pgno commit;
  ls_txid min, max;
  int level;
  uint32_t cookie;
  uint64_t version;
} model_spec;

/* With two pages' worth of each end only. */
#define MODEL_SHORT_ENDS 2

/* A file with the pages of `pgnos` (ascending; NULL: all of 1..commit but the lock page). ends: opened from its ends, so
** that its pages must be fetched; else loaded whole. The model keeps the bytes. */
ls_file *model_file(ls_db *db, const model_spec *spec, const ls_pgno *pgnos, uint32_t n, int ends);
/* As model_file, but gives the result code. */
int model_try_file(ls_db *db, const model_spec *spec, const ls_pgno *pgnos, uint32_t n, int ends,
                   ls_file **out);
/* As model_file, with all pages, for a test that needs the same file again and again: it is written where *made is still empty, and
** kept there. */
ls_file *model_file_again(ls_db *db, const model_spec *spec, int ends, bytes *made);

/* What such a file alone shows, with all pages and opened from its ends; not published. */
ls_view *model_view(ls_db *db, const model_spec *spec);

/* Publishes such a file over `base`, whose reference it takes (NULL: alone). */
ls_view *model_publish(ls_db *db, ls_view *base, const model_spec *spec, const ls_pgno *pgnos, uint32_t n,
                       int ends);

/* Writes over the pages of the files that are made from now on; NULL: nothing. */
extern void (*model_paint)(uint8_t *page, uint32_t size, ls_pgno pgno);

uint64_t model_id(const ls_file *file);
/* The host now answers NOTFOUND for this object. */
void model_lose(uint64_t file_id);

typedef struct model_host {
  int fetch_rc;            /* what fetch answers, 0: the bytes */
  uint32_t damaged_pieces; /* so many pieces of page indexes come with other bytes */
  int damage;              /* flips one byte in the middle of what it gives */
  int replan_rc;
  ls_view *replan; /* what replan gives (a reference is added), or NULL */
  ls_view *travel;
  int refresh_rc;
  int64_t max_stale; /* what the last refresh was asked for */
  int aheads_taken;  /* whether ahead takes its task; then it waits for model_deliver */
  int deliver_late;  /* fetch first does what model_deliver does */
  uint32_t width;    /* so many ranges come while a fetch is waited for */
  uint32_t fetches, locates, taken, aheads, replans, refreshes, logs, closed;
  char last_log[1024];
} model_host;
extern model_host host_does;

/* The host brings what it was asked for ahead. Until then, reads of it are told that it is under way. */
void model_deliver(void);
/* The same for at most n of the ranges, in the order in which they were asked for. */
void model_deliver_some(uint32_t n);

/* Copies a part of the object. */
void model_bytes(uint64_t file_id, uint64_t offset, uint32_t length, uint8_t *out);

/* How many bytes of the object were asked for, by fetches and aheads, and how often the byte most asked for was. */
uint64_t model_asked(uint64_t file_id, uint32_t *most);

/* Installs SQLite's stub and the host. */
void model_start(void);
ls_db *model_db(void);
/* A db with a reader. */
ls_reader *model_reader(ls_db **db);
/* A reader pinned to what one file shows, whose reads ahead are taken. */
ls_reader *model_read(ls_db *db, ls_file *file);
/* The end of either; `file` may be NULL. */
void model_stop(ls_db *db, ls_file *file, ls_reader *reader);
/* Frees the bytes of all files and checks that nothing is alive or allocated but the page cache. */
void model_end(void);

/* Compares with what version `version` of the page would be, page 1's rewritten fields aside. */
void model_check_page(const uint8_t *page, uint32_t page_size, ls_pgno pgno, uint64_t version,
                      uint32_t cookie);

#endif
