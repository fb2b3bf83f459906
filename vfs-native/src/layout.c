/*
** layout.c - sizes and offsets of the structs that cross the boundary, for the test that compares Java's layouts.
*/
#include "core.h"

typedef struct layout {
  int32_t size;
  int32_t count;
  const int32_t *fields;
} layout;

#define AT(type, field) ((int32_t)offsetof(type, field))

static const int32_t host[] = {
    AT(ls_host, size),   AT(ls_host, version),  AT(ls_host, open),   AT(ls_host, closed),
    AT(ls_host, fetch),  AT(ls_host, locate),   AT(ls_host, taken),  AT(ls_host, ahead),
    AT(ls_host, replan), AT(ls_host, refresh),  AT(ls_host, travel), AT(ls_host, history),
    AT(ls_host, lag),    AT(ls_host, look_age), AT(ls_host, stats),  AT(ls_host, log),
};
static const int32_t file_spec[] = {
    AT(ls_file_spec, file_id),  AT(ls_file_spec, size),  AT(ls_file_spec, min_txid),
    AT(ls_file_spec, max_txid), AT(ls_file_spec, level), AT(ls_file_spec, reserved),
    AT(ls_file_spec, name),
};
static const int32_t file_info[] = {
    AT(ls_file_info, file_id),   AT(ls_file_info, min_txid),   AT(ls_file_info, max_txid),
    AT(ls_file_info, timestamp), AT(ls_file_info, wal_offset), AT(ls_file_info, wal_size),
    AT(ls_file_info, checksum),  AT(ls_file_info, wal_salt1),  AT(ls_file_info, wal_salt2),
    AT(ls_file_info, page_size), AT(ls_file_info, commit),     AT(ls_file_info, pages),
    AT(ls_file_info, cookie),    AT(ls_file_info, flags),      AT(ls_file_info, level),
};
static const int32_t view_info[] = {
    AT(ls_view_info, txid),   AT(ls_view_info, timestamp), AT(ls_view_info, page_size),
    AT(ls_view_info, commit), AT(ls_view_info, state),     AT(ls_view_info, cookie),
    AT(ls_view_info, files),  AT(ls_view_info, holes),
};
static const int32_t stats[] = {
    AT(ls_stats, dbs),           AT(ls_stats, files),       AT(ls_stats, views),
    AT(ls_stats, readers),       AT(ls_stats, cache_bytes), AT(ls_stats, cache_limit),
    AT(ls_stats, hits),          AT(ls_stats, misses),      AT(ls_stats, fetches),
    AT(ls_stats, fetched_bytes), AT(ls_stats, index_bytes), AT(ls_stats, wasted_bytes),
};

static const int32_t opened[] = {
    AT(ls_opened, db),        AT(ls_opened, home),     AT(ls_opened, at),
    AT(ls_opened, max_stale), AT(ls_opened, streamed), AT(ls_opened, reserved),
};
static const int32_t history_row[] = {
    AT(ls_history_row, txid),  AT(ls_history_row, time),  AT(ls_history_row, pages),
    AT(ls_history_row, bytes), AT(ls_history_row, level), AT(ls_history_row, reserved),
};

#define LAYOUT(type, fields)                                                                                 \
  {(int32_t)sizeof(type), (int32_t)(sizeof(fields) / sizeof((fields)[0])), (fields)}

static const layout layouts[] = {
    LAYOUT(ls_host, host),
    LAYOUT(ls_file_spec, file_spec),
    LAYOUT(ls_file_info, file_info),
    LAYOUT(ls_view_info, view_info),
    LAYOUT(ls_stats, stats),
    LAYOUT(ls_opened, opened),
    LAYOUT(ls_history_row, history_row),
};

int32_t ls_layout(int32_t what, int32_t field) {
  if (what < 0 || (size_t)what >= sizeof(layouts) / sizeof(layouts[0]))
    return -1;
  const layout *l = &layouts[what];
  if (field == -1)
    return l->size;
  return field >= 0 && field < l->count ? l->fields[field] : -1;
}
