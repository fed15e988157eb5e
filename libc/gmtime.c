/*
 * gmtime_r(3) for times since 1970, without the days of the week and of the year. musl's own is
 * 800 bytes more.
 */
#include <time.h>

enum { SECONDS_A_DAY = 24 * 3600, DAYS_A_CYCLE = 146097 }; /* 400 years: the calendar repeats */

static int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

struct tm *gmtime_r(const time_t *restrict time, struct tm *restrict tm)
{
    static const unsigned char days_of[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int second = (int)(*time % SECONDS_A_DAY);
    int day = (int)(*time / SECONDS_A_DAY % DAYS_A_CYCLE);
    int year = 1970 + (int)(*time / SECONDS_A_DAY / DAYS_A_CYCLE) * 400;
    int month = 0;
    int length;
    for (; day >= (length = 365 + is_leap(year)); year++)
        day -= length;
    for (; day >= (length = days_of[month] + (month == 1 && is_leap(year))); month++)
        day -= length;
    *tm = (struct tm){.tm_year = year - 1900,
                      .tm_mon = month,
                      .tm_mday = day + 1,
                      .tm_hour = second / 3600,
                      .tm_min = second / 60 % 60,
                      .tm_sec = second % 60};
    return tm;
}
