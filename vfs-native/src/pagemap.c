/*
** pagemap.c - see pagemap.h.
*/
#include "pagemap.h"

#include <string.h>

#include "chunk.h"
#include "ltx.h"
#include "mutate.h"
#include "stats.h"

/* --------------------------------------------------------------------------------------------------------- use table */

/* The table's rows are found by file->mark, which the merge mutex lends us. */
static void mark_files(const ls_map *map) {
  for (uint32_t i = 0; i < map->files; i++)
    map->use[i].file->mark = i;
}

static void count_chunk(const ls_map *map, const ls_chunk *chunk, int add) {
  if (!chunk)
    return;
  const uint8_t *which = ls__chunk_which(chunk);
  for (uint32_t entry = 0; entry < chunk->entries; entry++) {
    ls_use *use = &map->use[chunk->file[which[entry]]->mark];
    use->pages = add ? use->pages + 1 : use->pages - 1;
  }
}

/* Pages 1..base_limit that no entry takes from the base. */
static uint32_t base_pages(const ls_map *map) {
  ls_pgno limit = map->base_limit;
  uint32_t entries = 0;
  for (uint32_t c = 0; c < map->chunks && (uint64_t)c * LS_CHUNK_PAGES < limit; c++) {
    uint32_t below = limit - c * LS_CHUNK_PAGES;
    if (map->chunk[c])
      entries += ls__chunk_rank(map->chunk[c], below < LS_CHUNK_PAGES ? below : LS_CHUNK_PAGES);
  }
  return ls__full_count(limit, ls__file_info(map->base)->page_size) - entries;
}

static void count_base(const ls_map *map) {
  if (map->base)
    map->use[map->base->mark].pages = base_pages(map);
}

/* Puts `file` where its max TXID belongs and marks all rows. */
static int add_file(ls_map *map, ls_file *file) {
  uint32_t at = 0;
  ls_use *use = sqlite3_realloc64(map->use, (map->files + UINT64_C(1)) * sizeof *use);
  if (!use)
    return SQLITE_NOMEM;
  map->use = use;
  while (at < map->files && ls__file_info(use[at].file)->max_txid > ls__file_info(file)->max_txid)
    at++;
  memmove(&use[at + 1], &use[at], (map->files - at) * sizeof *use);
  ls__file_ref(file);
  use[at] = (ls_use){file, 0};
  map->files++;
  mark_files(map);
  return SQLITE_OK;
}

static int knows(const ls_map *map, const ls_file *file) {
  for (uint32_t i = 0; i < map->files; i++)
    if (map->use[i].file == file)
      return 1;
  return 0;
}

/* --------------------------------------------------------------------------------------------------------- life of a map */

static uint64_t directory_bytes(const ls_map *map) { return map->chunks * sizeof(ls_chunk *); }

int ls__map_copy(ls_map *out, const ls_map *from) {
  ls_map map = *from;
  map.chunk = map.chunks ? sqlite3_malloc64(directory_bytes(from)) : NULL;
  map.use = map.files ? sqlite3_malloc64(map.files * sizeof *map.use) : NULL;
  if ((map.chunks && !map.chunk) || (map.files && !map.use)) {
    sqlite3_free(map.chunk);
    sqlite3_free(map.use);
    return SQLITE_NOMEM;
  }
  for (uint32_t c = 0; c < map.chunks; c++) {
    map.chunk[c] = from->chunk[c];
    ls__chunk_ref(map.chunk[c]);
  }
  for (uint32_t i = 0; i < map.files; i++) {
    map.use[i] = from->use[i];
    ls__file_ref(map.use[i].file);
  }
  ls__stat_add(LS_STAT_INDEX_BYTES, (int64_t)directory_bytes(&map));
  *out = map;
  return SQLITE_OK;
}

void ls__map_clear(ls_map *map) {
  ls__stat_add(LS_STAT_INDEX_BYTES, -(int64_t)directory_bytes(map));
  for (uint32_t c = 0; c < map->chunks; c++)
    ls__chunk_unref(map->chunk[c]);
  for (uint32_t i = 0; i < map->files; i++)
    ls_file_unref(map->use[i].file);
  sqlite3_free(map->chunk);
  sqlite3_free(map->use);
  memset(map, 0, sizeof *map);
}

/* Makes the directory reach page `limit`. */
static int reach(ls_map *map, ls_pgno limit) {
  uint32_t chunks = (limit - 1) / LS_CHUNK_PAGES + 1;
  if (chunks <= map->chunks)
    return SQLITE_OK;
  ls_chunk **chunk = sqlite3_realloc64(map->chunk, chunks * sizeof *chunk);
  if (!chunk)
    return SQLITE_NOMEM;
  memset(chunk + map->chunks, 0, (chunks - map->chunks) * sizeof *chunk);
  ls__stat_add(LS_STAT_INDEX_BYTES, (int64_t)((chunks - map->chunks) * sizeof *chunk));
  map->chunk = chunk;
  map->chunks = chunks;
  return SQLITE_OK;
}

static int replace_chunk(ls_map *map, uint32_t c, const ls_slot *slots) {
  ls_chunk *chunk;
  int rc = ls__chunk_pack(slots, &chunk);
  if (rc == SQLITE_OK) {
    count_chunk(map, map->chunk[c], 0);
    count_chunk(map, chunk, 1);
    ls__chunk_unref(map->chunk[c]);
    map->chunk[c] = chunk;
  }
  return rc;
}

/* ---------------------------------------------------------------------------------------------------------- merge rule */

/* Merge rule 5.6, step 1, for a page that `old` holds and `new` holds too. Between files of equal TXIDs the higher level
** lives longer; one of the same name and another identity has replaced the old object, whose bytes are gone. */
static int replaces(const ls_file *new_file, const ls_file *old_file) {
  const ls_file_info *new = ls__file_info(new_file), *old = ls__file_info(old_file);
  if (LS_MUTATED(1))
    return 1;
  if (new->max_txid != old->max_txid)
    return new->max_txid > old->max_txid;
  if (new->level != old->level)
    return new->level > old->level;
  return new->min_txid == old->min_txid &&new->file_id != old->file_id;
}

/* Overlays those pages of `file`, from *ordinal on, that fall into chunk c. */
static int overlay_chunk(ls_map *map, ls_file *file, uint32_t c, ls_pgno limit, uint32_t *ordinal,
                         int *changed) {
  uint32_t pages = ls__file_info(file)->pages;
  ls_slot slots[LS_CHUNK_PAGES];
  int touched = 0;
  ls__chunk_unpack(map->chunk[c], slots);
  for (; *ordinal < pages; ++*ordinal) {
    ls_pgno pgno = ls__file_pgno(file, *ordinal);
    if ((pgno - 1) / LS_CHUNK_PAGES != c || pgno > limit)
      break;
    ls_slot *at = &slots[(pgno - 1) % LS_CHUNK_PAGES];
    const ls_file *old = at->file ? at->file : pgno <= map->base_limit ? map->base : NULL;
    if (!old || replaces(file, old)) {
      *at = (ls_slot){file, *ordinal};
      touched = 1;
    }
  }
  if (!touched)
    return SQLITE_OK;
  *changed = 1;
  return replace_chunk(map, c, slots);
}

/* Makes a full file the base. What is newer than it, or above its pages, keeps or gets entries. */
static int rebase(ls_map *map, ls_file *file, ls_pgno limit) {
  ls_file *old = map->base;
  ls_pgno old_limit = map->base_limit;
  ls_pgno commit = ls__file_info(file)->commit;
  ls_pgno new_limit = commit < limit ? commit : limit;
  int rc = old_limit > new_limit ? reach(map, old_limit) : SQLITE_OK;
  if (old)
    map->use[old->mark].pages = 0; /* from here on only its entries count */
  for (uint32_t c = 0; rc == SQLITE_OK && c < map->chunks; c++) {
    uint64_t first = (uint64_t)c * LS_CHUNK_PAGES + 1;
    ls_slot slots[LS_CHUNK_PAGES];
    int touched = 0;
    if (!map->chunk[c] && (first + LS_CHUNK_PAGES - 1 <= new_limit || first > old_limit))
      continue;
    ls__chunk_unpack(map->chunk[c], slots);
    for (uint32_t i = 0; i < LS_CHUNK_PAGES; i++) {
      uint64_t pgno = first + i;
      ls_slot *at = &slots[i];
      if (at->file && pgno <= new_limit && replaces(file, at->file)) {
        at->file = NULL;
        touched = 1;
      } else if (!at->file && pgno > new_limit && pgno <= old_limit &&
                 ls__file_find(old, (ls_pgno)pgno, &at->ordinal) == SQLITE_OK) {
        at->file = old;
        touched = 1;
      }
    }
    rc = touched ? replace_chunk(map, c, slots) : SQLITE_OK;
  }
  map->base = file;
  map->base_limit = new_limit;
  return rc;
}

static int overlay_entries(ls_map *map, ls_file *file, ls_pgno limit, int *changed) {
  uint32_t pages = ls__file_info(file)->pages, ordinal = 0;
  if (pages == 0)
    return SQLITE_OK;
  ls_pgno last = ls__file_pgno(file, pages - 1);
  int rc = limit ? reach(map, last < limit ? last : limit) : SQLITE_OK;
  while (rc == SQLITE_OK && ordinal < pages) {
    ls_pgno pgno = ls__file_pgno(file, ordinal);
    if (pgno > limit)
      break;
    rc = overlay_chunk(map, file, (pgno - 1) / LS_CHUNK_PAGES, limit, &ordinal, changed);
  }
  return rc;
}

int ls__map_overlay(ls_map *map, ls_file *file, ls_pgno limit, int *changed) {
  const ls_file_info *info = ls__file_info(file);
  int rc = SQLITE_OK;
  mark_files(map);
  if (!knows(map, file))
    rc = add_file(map, file);
  if (rc != SQLITE_OK)
    return rc;
  if ((info->flags & LS_FILE_FULL) && info->commit && limit && (!map->base || replaces(file, map->base))) {
    *changed = 1;
    rc = rebase(map, file, limit);
  } else {
    rc = overlay_entries(map, file, limit, changed);
  }
  if (rc == SQLITE_OK)
    count_base(map);
  return rc;
}

/* Empties the slots of chunk c above page commit. */
static int trim_chunk(ls_map *map, uint32_t c, ls_pgno commit) {
  uint32_t keep = commit - c * LS_CHUNK_PAGES;
  ls_slot slots[LS_CHUNK_PAGES];
  if (!map->chunk[c] || keep >= LS_CHUNK_PAGES ||
      ls__chunk_rank(map->chunk[c], keep) == map->chunk[c]->entries)
    return SQLITE_OK;
  ls__chunk_unpack(map->chunk[c], slots);
  memset(slots + keep, 0, (LS_CHUNK_PAGES - keep) * sizeof *slots);
  return replace_chunk(map, c, slots);
}

int ls__map_cut(ls_map *map, ls_pgno commit) {
  uint32_t keep = commit ? (commit - 1) / LS_CHUNK_PAGES + 1 : 0;
  int rc = SQLITE_OK;
  mark_files(map);
  if (map->chunks > keep) {
    for (uint32_t c = keep; c < map->chunks; c++) {
      count_chunk(map, map->chunk[c], 0);
      ls__chunk_unref(map->chunk[c]);
    }
    ls__stat_add(LS_STAT_INDEX_BYTES, -(int64_t)((map->chunks - keep) * sizeof *map->chunk));
    map->chunks = keep;
  }
  if (keep && map->chunks == keep)
    rc = trim_chunk(map, keep - 1, commit);
  if (map->base_limit > commit)
    map->base_limit = commit;
  if (rc == SQLITE_OK)
    count_base(map);
  return rc;
}

void ls__map_prune(ls_map *map) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < map->files; i++) {
    ls_file *file = map->use[i].file;
    if (map->use[i].pages) {
      map->use[kept++] = map->use[i];
      continue;
    }
    if (map->base == file) {
      map->base = NULL;
      map->base_limit = 0;
    }
    ls_file_unref(file);
  }
  map->files = kept;
}

/* ----------------------------------------------------------------------------------------------------------- look-ups */

int ls__map_find(const ls_map *map, ls_pgno pgno, ls_file **file, uint32_t *ordinal) {
  uint32_t c = (pgno - 1) / LS_CHUNK_PAGES, i = (pgno - 1) % LS_CHUNK_PAGES;
  const ls_chunk *chunk = c < map->chunks ? map->chunk[c] : NULL;
  if (chunk && ls__chunk_has(chunk, i)) {
    uint32_t entry = ls__chunk_rank(chunk, i);
    *file = chunk->file[ls__chunk_which(chunk)[entry]];
    *ordinal = ls__chunk_ordinals(chunk)[entry];
    return 1;
  }
  if (pgno > map->base_limit || ls__file_find(map->base, pgno, ordinal) != SQLITE_OK)
    return 0;
  *file = map->base;
  return 1;
}

uint32_t ls__map_pages(const ls_map *map) {
  uint32_t pages = 0;
  for (uint32_t i = 0; i < map->files; i++)
    pages += map->use[i].pages;
  return pages;
}

static uint32_t entries_of(const ls_map *map, const ls_file *file) {
  uint32_t pages = 0;
  for (uint32_t c = 0; c < map->chunks; c++) {
    const ls_chunk *chunk = map->chunk[c];
    for (uint32_t entry = 0; chunk && entry < chunk->entries; entry++)
      pages += chunk->file[ls__chunk_which(chunk)[entry]] == file;
  }
  return pages;
}

int ls__map_check(const ls_map *map) {
  uint32_t entries = 0, counted = 0;
  int base_used = map->base == NULL;
  for (uint32_t c = 0; c < map->chunks; c++) {
    if (map->chunk[c]) {
      entries += map->chunk[c]->entries;
      if (ls__chunk_rank(map->chunk[c], LS_CHUNK_PAGES) != map->chunk[c]->entries ||
          map->chunk[c]->entries == 0)
        return 0;
    }
  }
  for (uint32_t i = 0; i < map->files; i++) {
    uint32_t pages = entries_of(map, map->use[i].file);
    counted += pages;
    if (map->use[i].file == map->base) {
      if (pages)
        return 0;
      pages = base_pages(map);
      base_used = 1;
    }
    if (pages == 0 || pages != map->use[i].pages)
      return 0;
  }
  return base_used && counted == entries; /* every entry's file is in `use` */
}
