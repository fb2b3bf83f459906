/*
** timetext.c - see timetext.h.
*/
#include "timetext.h"

#include <string.h>

#include "core.h"

#define MS_PER_DAY INT64_C(86400000)

/* The date of a day counted from 1970-01-01, in the Gregorian calendar; years begin in March, so that the leap day ends
** one, and repeat after eras of 400 years. (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.) */
static void civil(int64_t days, int *year, int *month, int *day) {
  int64_t z = days + 719468; /* from 0000-03-01 */
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t of_era = z - era * 146097;
  int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
  int64_t m = (5 * of_year + 2) / 153;
  *day = (int)(of_year - (153 * m + 2) / 5 + 1);
  *month = (int)(m < 10 ? m + 3 : m - 9);
  *year = (int)(y + era * 400 + (*month <= 2));
}

void ls__time_text(ls_ms time, char text[LS_TIMETEXT_MAX]) {
  int64_t days = time / MS_PER_DAY - (time % MS_PER_DAY < 0);
  int ms = (int)(time - days * MS_PER_DAY), year, month, day;
  civil(days, &year, &month, &day);
  sqlite3_snprintf(LS_TIMETEXT_MAX, text, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", year, month, day,
                   ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
  size_t n = strlen(text);
  while (text[n - 1] == '0')
    n--;
  if (text[n - 1] == '.')
    n--;
  text[n] = 'Z';
  text[n + 1] = 0;
}
