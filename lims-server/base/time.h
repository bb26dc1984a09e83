// Moments as microseconds of UTC and their text. No clock and no time zone database: a zone is
// always a fixed offset that stands beside the time.
#ifndef LIMS_BASE_TIME_H_
#define LIMS_BASE_TIME_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lims {

// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using TimeUs = std::int64_t;

inline constexpr TimeUs kSecond = 1'000'000;
inline constexpr TimeUs kMinute = 60 * kSecond;
inline constexpr TimeUs kHour = 60 * kMinute;
inline constexpr TimeUs kDay = 24 * kHour;

// "2026-11-22T05:24:00.123456Z".
std::string FormatUtc(TimeUs time);

// "2026-11-22T13:24:00.123+08:00"; digits below the millisecond are cut, not rounded.
std::string FormatLocal(TimeUs time, int offset_minutes);
// "2026-11-22", the day of it.
std::string LocalDate(TimeUs time, int offset_minutes);

// RFC 3339 with its zone (Z or an offset up to 14:00) and up to nine fraction digits, of which six
// are kept. INVALID_ARGUMENT for a time without zone, a date that does not exist and second 60.
Result<TimeUs> ParseTime(std::string_view text);

// The last microsecond of a local day: "2026-03-31", or "2026-03" for the last day of March. A
// date-only expiry ends with that local day.
Result<TimeUs> ParseDate(std::string_view text, int offset_minutes);

}  // namespace lims

#endif  // LIMS_BASE_TIME_H_
