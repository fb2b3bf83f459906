/*
** carry.c - see carry.h.
*/
#include "carry.h"

#include <stdlib.h>

#include "cache.h"

static uint32_t pages_in(const ls_map *map, const ls_file *file) {
  for (uint32_t i = 0; i < map->files; i++)
    if (map->use[i].file == file)
      return map->use[i].pages;
  return 0;
}

static int by_serial(const void *a, const void *b) {
  const ls_file *const *x = a, *const *y = b;
  return ((*x)->serial > (*y)->serial) - ((*x)->serial < (*y)->serial);
}

/* The files that back fewer pages than before, in the order of their serials: owned. NULL for none, or without memory. */
static const ls_file **donors_of(const ls_map *from, const ls_map *to, uint32_t *n) {
  const ls_file **donors = sqlite3_malloc64(from->files * sizeof *donors);
  *n = 0;
  for (uint32_t i = 0; donors != NULL && i < from->files; i++)
    if (pages_in(to, from->use[i].file) < from->use[i].pages)
      donors[(*n)++] = from->use[i].file;
  if (*n > 0)
    qsort(donors, *n, sizeof *donors, by_serial);
  return donors;
}

static const ls_file *find(const ls_file **donors, uint32_t n, uint64_t serial) {
  uint32_t low = 0, high = n;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (donors[middle]->serial < serial)
      low = middle + 1;
    else
      high = middle;
  }
  return low < n && donors[low]->serial == serial ? donors[low] : NULL;
}

/* An object that came under the name of another one is another object. */
static int same_name(const ls_file *a, const ls_file *b) {
  return a->info.level == b->info.level && a->info.min_txid == b->info.min_txid &&
         a->info.max_txid == b->info.max_txid;
}

static void carry(const ls_map *from, const ls_map *to, const ls_file *donor, uint32_t ordinal) {
  ls_pgno pgno = ls__file_pgno(donor, ordinal);
  ls_file *old, *new;
  uint32_t old_ordinal, new_ordinal;
  if (ls__map_find(from, pgno, &old, &old_ordinal) && old == donor && old_ordinal == ordinal &&
      ls__map_find(to, pgno, &new, &new_ordinal) && !same_name(old, new))
    ls__cache_alias(old->serial, ordinal, new->serial, new_ordinal);
}

/* Goes over the cache, which has a budget, and not over the pages of the state, of which there may be millions. */
void ls__carry_same(const ls_map *from, const ls_map *to) {
  uint32_t donor_count;
  const ls_file **donors = donors_of(from, to, &donor_count);
  for (uint32_t part = 0; donor_count > 0 && part < LS_CACHE_PARTS; part++) {
    ls_cache_key *keys;
    uint32_t n = ls__cache_keys(part, &keys);
    for (uint32_t i = 0; i < n; i++) {
      const ls_file *donor = find(donors, donor_count, keys[i].serial);
      if (donor != NULL)
        carry(from, to, donor, keys[i].ordinal);
    }
    sqlite3_free(keys);
  }
  sqlite3_free(donors);
}

void ls__carry_hot(const ls_map *from, const ls_map *to, const ls_file *file) {
  if (file->size > LS_WHOLE_MAX)
    return; /* its pages are not in the cache */
  for (uint32_t i = 0; i < file->index.count; i++) {
    ls_file *old, *new;
    uint32_t old_ordinal, new_ordinal;
    ls_pgno pgno = ls__file_pgno(file, i);
    if (ls__map_find(from, pgno, &old, &old_ordinal) && ls__cache_hot(old->serial, old_ordinal) &&
        ls__map_find(to, pgno, &new, &new_ordinal) && new == file)
      ls__cache_heat(file->serial, new_ordinal);
  }
}
