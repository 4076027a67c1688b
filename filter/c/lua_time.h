/*
** os.date and os.time of the VM that KrakenD runs, which are Go's: they know few letters, some with another meaning than in
** C, and take dates that are not complete. The only time zone is UTC. Part of lua_library.h.
*/
#ifndef LM_TIME_H
#define LM_TIME_H

typedef struct lm_Date {
  lua_Integer year, day; /* of the month, from 1 */
  int month, hour, minute, second, weekday; /* from 1; from Sunday */
} lm_Date;

/* No calendar goes further than this, in seconds before or after 1970. */
#define LM_FURTHEST 0x1p55

/* Gives the days from 1970 to a day in the calendar. A year begins in March here, so that leap days come last. */
LM_MAYBE lua_Integer lm_days(lua_Integer year, lua_Integer month, lua_Integer day) {
  lua_Integer era, of_era;
  year -= month <= 2;
  era = (year >= 0 ? year : year - 399) / 400;
  of_era = year - era * 400;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - 719468;
}

LM_MAYBE void lm_date(lm_Date *date, lua_Integer seconds) {
  lua_Integer days = (seconds >= 0 ? seconds : seconds - 86399) / 86400, era, of_era, year, of_year, month;
  int of_day = (int)(seconds - days * 86400);
  date->hour = of_day / 3600;
  date->minute = of_day / 60 % 60;
  date->second = of_day % 60;
  date->weekday = (int)(((days + 4) % 7 + 7) % 7);
  days += 719468;
  era = (days >= 0 ? days : days - 146096) / 146097;
  of_era = days - era * 146097;
  year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  of_year = of_era - (365 * year + year / 4 - year / 100);
  month = (5 * of_year + 2) / 153;
  date->day = of_year - (153 * month + 2) / 5 + 1;
  date->month = (int)(month < 10 ? month + 3 : month - 9);
  date->year = year + era * 400 + (date->month <= 2);
}

/* Writes what a letter stands for, and returns its length; 0 for a letter that stands for nothing. */
LM_MAYBE int lm_date_letter(char *out, char letter, const lm_Date *d) {
  static const char days[] = "Sunday\0   Monday\0   Tuesday\0  Wednesday\0Thursday\0 Friday\0   Saturday\0";
  static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August",
                                       "September", "October", "November", "December"};
  const char *month = months[d->month - 1];
  int year = (int)d->year, day = (int)d->day, twelve = d->hour % 12 == 0 ? 12 : d->hour % 12;
  int short_year = (year % 100 + 100) % 100;
  switch (letter) {
    case 'a': return sprintf(out, "mon"); /* Go's layout for a weekday begins with a capital letter */
    case 'A': return sprintf(out, "%s", days + d->weekday * 10);
    case 'b': return sprintf(out, "%.3s", month);
    case 'B': return sprintf(out, "%s", month);
    case 'c': return sprintf(out, "%02d %.3s %02d %02d:%02d UTC", day, month, short_year, d->hour, d->minute);
    case 'd': return sprintf(out, "%02d", day);
    case 'F': return sprintf(out, "%04d-%02d-%02d", year, d->month, day);
    case 'H': return sprintf(out, "%02d", d->hour);
    case 'I': return sprintf(out, "%02d", twelve);
    case 'm': return sprintf(out, "%02d", d->month);
    case 'M': return sprintf(out, "%02d", d->minute);
    case 'p': return sprintf(out, d->hour >= 12 ? "PM" : "AM");
    case 'P': return sprintf(out, d->hour >= 12 ? "pm" : "am");
    case 'S': return sprintf(out, "%02d", d->second);
    case 'w': return sprintf(out, "%d", d->weekday);
    case 'x': return sprintf(out, "%02d/%02d/%02d", d->hour, d->minute, d->second); /* that VM has the time here, too */
    case 'X': return sprintf(out, "%02d:%02d:%02d", d->hour, d->minute, d->second);
    case 'y': return sprintf(out, "%02d", short_year);
    case 'Y': return sprintf(out, "%04d", year);
    case 'z': return sprintf(out, "+0000");
    case 'Z': return sprintf(out, "UTC");
    default: return 0;
  }
}

LM_MAYBE void lm_date_field(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static __attribute__((unused)) int os_date(lua_State *L) {
  lua_Integer seconds = (lua_Integer)(time)(NULL);
  const char *format = "%c";
  size_t length = 2, i;
  char piece[96];
  lm_Date date;
  luaL_Buffer b;
  if (lua_gettop(L) >= 1) format = luaL_checklstring(L, 1, &length);
  for (; length > 0 && *format == '!'; length--) format++;
  if (lua_gettop(L) >= 2) seconds = lm_whole(L, 2);
  if (seconds > (lua_Integer)LM_FURTHEST || seconds < -(lua_Integer)LM_FURTHEST) return luaL_error(L, "time out of range");
  lm_date(&date, seconds);
  if (length >= 2 && format[0] == '*' && format[1] == 't') {
    lua_createtable(L, 0, 9);
    lm_date_field(L, "year", date.year);
    lm_date_field(L, "month", date.month);
    lm_date_field(L, "day", date.day);
    lm_date_field(L, "hour", date.hour);
    lm_date_field(L, "min", date.minute);
    lm_date_field(L, "sec", date.second);
    lm_date_field(L, "wday", date.weekday + 1);
    lm_date_field(L, "yday", 0); /* that VM does not compute it */
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "isdst");
    return 1;
  }
  luaL_buffinit(L, &b);
  for (i = 0; i < length; i++) {
    if (format[i] != '%' || i + 1 == length) luaL_addchar(&b, format[i]);
    else if (format[++i] == '%') luaL_addchar(&b, '%');
    else {
      int written = lm_date_letter(piece, format[i], &date);
      lm_spend(L, 20);
      if (written > 0) luaL_addlstring(&b, piece, (size_t)written);
      else {
        luaL_addchar(&b, '%');
        luaL_addchar(&b, format[i]);
      }
    }
  }
  lm_spend(L, length);
  luaL_pushresult(&b);
  return 1;
}
#define os_date(a) lm_replaced_os_date(a)

/* Gives a field of a date. `missing` is the value that Go's code has for a field that is missing. */
LM_MAYBE lua_Integer lm_date_part(lua_State *L, const char *name, lua_Integer missing) {
  lua_Integer value = missing;
  lua_pushstring(L, name);
  if (lua_rawget(L, 1) == LUA_TNUMBER || (lua_isstring(L, -1) && lua_isnumber(L, -1))) value = lua_tointegerx(L, -1, NULL);
  lua_pop(L, 1);
  return value > (1LL << 40) ? 1LL << 40 : value < -(1LL << 40) ? -(1LL << 40) : value;
}

static __attribute__((unused)) int os_time(lua_State *L) {
  lua_Integer year, month, day, seconds;
  if (lua_isnoneornil(L, 1)) {
    lua_pushinteger(L, (lua_Integer)(time)(NULL));
    return 1;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  seconds = lm_date_part(L, "sec", 0) + 60 * lm_date_part(L, "min", 0) + 3600 * lm_date_part(L, "hour", 12);
  day = lm_date_part(L, "day", -1);
  month = lm_date_part(L, "month", -1) - 1;
  year = lm_date_part(L, "year", -1) + month / 12;
  month %= 12;
  if (month < 0) {
    month += 12;
    year--;
  }
  lua_pushnumber(L, (lua_Number)(lm_days(year, month + 1, 1) + day - 1) * 86400 + (lua_Number)seconds);
  return 1;
}
#define os_time(a) lm_replaced_os_time(a)

#endif
