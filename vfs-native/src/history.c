/*
** history.c - see history.h.
*/
#include "history.h"

#include "core.h"

int ls_history_add(ls_history *out, const ls_history_row *row) {
  if (out->count >= out->max || row->txid == 0 || (out->before && row->txid >= out->before))
    return SQLITE_MISUSE;
  out->rows[out->count++] = *row;
  out->before = row->txid;
  return SQLITE_OK;
}
