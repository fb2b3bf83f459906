/*
** pagemap.h - which frame of which file holds each page: the inside of a view.
**
** A database is mostly one full copy (a snapshot) with small files over it. So a map is
**
**     base       a file that holds every page 1..base_limit; its pages need no entry here
**     chunks     entries for 256 page numbers each, only of pages that come from another file; NULL when none do
**     use        the files of the map, newest max TXID first, with the number of pages that each still backs
**
** Maps share chunks (chunk.h): a copy copies the directory, and a merge packs only the chunks that it changes.
**
** Invariants (ls__map_check): no entry is above the last cut; no entry names the base; use[i].pages is exact and never 0
** after ls__map_prune; the base is in `use`.
**
** Threading. Functions that change a map use ls_file.mark and run under the db's merge mutex, on a map that only the
** caller can see. ls__map_find may run anywhere on a map that does not change any more.
*/
#ifndef LS_PAGEMAP_H
#define LS_PAGEMAP_H

#include "chunk.h"
#include "file.h"
#include "litestream.h"

typedef struct ls_use {
  ls_file *file; /* shared */
  uint32_t pages;
} ls_use;

typedef struct ls_map {
  ls_file *base; /* in `use`, or NULL */
  ls_pgno base_limit;
  uint32_t chunks;
  uint32_t files;
  ls_chunk **chunk;
  ls_use *use;
} ls_map;

/* A copy that shares every chunk. *out is written on success only; the caller clears it. */
int ls__map_copy(ls_map *out, const ls_map *from);
void ls__map_clear(ls_map *map);

/* Rule 1 of the merge rule for the pages 1..limit of `file`. *changed is set when an entry was replaced or added.
** On failure the map is half done and may only be cleared. */
int ls__map_overlay(ls_map *map, ls_file *file, ls_pgno limit, int *changed);
/* Drops every page above commit. */
int ls__map_cut(ls_map *map, ls_pgno commit);
/* Drops the files that back no page. */
void ls__map_prune(ls_map *map);

/* 1 and where the page is (file borrowed from the map), or 0. */
int ls__map_find(const ls_map *map, ls_pgno pgno, ls_file **file, uint32_t *ordinal);
/* How many pages the map holds. */
uint32_t ls__map_pages(const ls_map *map);
/* Whether the invariants hold: for tests and LS_DEBUG. */
int ls__map_check(const ls_map *map);

#endif
