/*
** timetext.h - instants as text.
*/
#ifndef LS_TIMETEXT_H
#define LS_TIMETEXT_H

#include "litestream.h"

#define LS_TIMETEXT_MAX 40

/* RFC 3339 in UTC, without trailing zeros of the fraction: 1970-01-01T00:01:40Z, 1970-01-01T00:01:40.5Z. */
void ls__time_text(ls_ms time, char text[LS_TIMETEXT_MAX]);

#endif
