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

/* Whether a page of a map is this frame. */
static int backs(const ls_map *map, const ls_file *file, uint32_t ordinal, ls_pgno pgno) {
  ls_file *found;
  uint32_t at;
  return ls__map_find(map, pgno, &found, &at) && found == file && at == ordinal;
}

static void carry(const ls_file *old, uint32_t ordinal, ls_pgno pgno, const ls_map *to) {
  ls_file *new;
  uint32_t new_ordinal;
  if (ls__map_find(to, pgno, &new, &new_ordinal) && !same_name(old, new))
    ls__cache_alias(old->serial, ordinal, new->serial, new_ordinal);
}

/* Counts the pages of `from` in the cache whose file backs fewer pages of `to`; does `each`, which may be NULL, with them. Goes
** over the cache, which has a budget, and not over the pages of the state, of which there may be millions. */
static uint32_t each_cached(const ls_map *from, const ls_map *to,
                            void (*each)(const ls_file *old, uint32_t ordinal, ls_pgno pgno,
                                         const ls_map *to)) {
  uint32_t donor_count, found = 0;
  const ls_file **donors = donors_of(from, to, &donor_count);
  for (uint32_t part = 0; donor_count > 0 && part < LS_CACHE_PARTS; part++) {
    ls_cache_key *keys;
    uint32_t n = ls__cache_keys(part, &keys);
    for (uint32_t i = 0; i < n; i++) {
      const ls_file *donor = find(donors, donor_count, keys[i].serial);
      ls_pgno pgno = donor != NULL ? ls__file_pgno(donor, keys[i].ordinal) : 0;
      if (donor == NULL || !backs(from, donor, keys[i].ordinal, pgno))
        continue;
      found++;
      if (each != NULL)
        each(donor, keys[i].ordinal, pgno, to);
    }
    sqlite3_free(keys);
  }
  sqlite3_free(donors);
  return found;
}

void ls__carry_same(const ls_map *from, const ls_map *to) { each_cached(from, to, carry); }

uint32_t ls__carry_held(const ls_map *map) {
  const ls_map none = {0};
  return each_cached(map, &none, NULL);
}

/* So many bytes more cost less than another request. */
#define BRIDGE (64u << 10)

typedef struct move {
  const ls_map *from, *to;
} move;

/* Whether readers who go on from one map to the other are likely to miss the frame. A page that came like this itself, and that
** nobody has read since, is not fetched for every further commit. */
static int missed(const ls_file *file, uint32_t ordinal, const void *context) {
  const move *m = context;
  ls_file *old;
  uint32_t old_ordinal;
  ls_pgno pgno = ls__file_pgno(file, ordinal);
  return backs(m->to, file, ordinal, pgno) && !ls__cache_has(file->serial, ordinal) &&
         ls__map_find(m->from, pgno, &old, &old_ordinal) && ls__cache_given(old->serial, old_ordinal);
}

int ls__carry_gap(const ls_map *from, const ls_map *to, const ls_file *file, uint32_t ordinal, uint32_t most,
                  ls_gap *gap) {
  const move m = {from, to};
  if (file->size <= LS_WHOLE_MAX || file->index.parts != NULL)
    return 0;
  while (ordinal < file->index.count && !missed(file, ordinal, &m))
    ordinal++;
  if (ordinal >= file->index.count)
    return 0;
  ls__file_gap(file, ordinal, most, BRIDGE, missed, &m, gap);
  return 1;
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
