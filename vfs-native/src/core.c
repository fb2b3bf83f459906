/*
** core.c - error texts.
*/
#include "core.h"

#include <stdarg.h>
#include <string.h>

/* Removes a character that the end of the buffer cut in two: Java reads the text as UTF-8. */
static void drop_partial_character(char *text, size_t length) {
  size_t at = length;
  while (at > 0 && ((unsigned char)text[at - 1] & 0xC0u) == 0x80u)
    at--;
  if (at == 0)
    return;
  unsigned char lead = (unsigned char)text[at - 1];
  size_t more = lead >= 0xF0u ? 3 : lead >= 0xE0u ? 2 : lead >= 0xC0u ? 1 : 0;
  if (length - at < more)
    text[at - 1] = 0;
}

static void format(char *err, uint32_t cap, const char *fmt, va_list args) {
  if (cap == 0)
    return;
  sqlite3_vsnprintf(cap > INT32_MAX ? INT32_MAX : (int)cap, err, fmt, args);
  size_t length = strlen(err);
  if (length + 1 == cap)
    drop_partial_character(err, length);
}

void ls__err_set(char *err, uint32_t cap, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  format(err, cap, fmt, args);
  va_end(args);
}

int ls__report(const ls_report *to, int rc, const char *fmt, ...) {
  if (to == NULL || to->cap == 0)
    return rc;
  sqlite3_snprintf(to->cap > INT32_MAX ? INT32_MAX : (int)to->cap, to->err, "%s: ", to->object);
  size_t used = strlen(to->err);
  va_list args;
  va_start(args, fmt);
  format(to->err + used, to->cap - (uint32_t)used, fmt, args);
  va_end(args);
  return rc;
}
