#include "base/time.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/text.h"

namespace lims {
namespace {

constexpr int kMaxOffsetHours = 14;  // the largest offset any zone on Earth uses

struct Fields {
  int year;
  unsigned month, day;
  std::int64_t hour, minute, second, microsecond;
};

Fields Split(TimeUs time) {
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds(time)};
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(midnight);
  const std::int64_t rest = (moment - midnight).count();
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          rest / (60 * kMinute),
          rest / kMinute % 60,
          rest / kSecond % 60,
          rest % kSecond};
}

// Reads a text of fixed form from left to right; the first thing missing ends it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool Take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `count` digits.
  bool TakeDigits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!NextIsDigit()) return false;
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return true;
  }

  bool NextIsDigit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Midnight of a day as if it were UTC; nothing when there is no such day.
std::optional<TimeUs> Midnight(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

// What follows the point: 1 to 9 digits, of which those below the microsecond are dropped.
bool TakeFraction(Scanner& scanner, int& microseconds) {
  microseconds = 0;
  int count = 0;
  for (int digit = 0; scanner.NextIsDigit(); ++count) {
    scanner.TakeDigits(1, digit);
    if (count < 6) microseconds = microseconds * 10 + digit;
  }
  for (int i = count; i < 6; ++i) microseconds *= 10;
  return count >= 1 && count <= 9;
}

bool TakeZone(Scanner& scanner, int& offset_minutes) {
  offset_minutes = 0;
  if (scanner.Take('Z')) return true;
  const bool west = scanner.Take('-');
  int hours = 0;
  int minutes = 0;
  if ((!west && !scanner.Take('+')) || !scanner.TakeDigits(2, hours) || !scanner.Take(':') ||
      !scanner.TakeDigits(2, minutes)) {
    return false;
  }
  if (minutes > 59 || hours * 60 + minutes > kMaxOffsetHours * 60) return false;
  offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

Error BadText(std::string field, std::string_view text, std::string_view problem) {
  return InvalidArgument(std::move(field), fmt::format("{} {}", QuotedForMessage(text), problem));
}

}  // namespace

std::string FormatUtc(TimeUs time) {
  const Fields f = Split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", f.year, f.month, f.day, f.hour,
                     f.minute, f.second, f.microsecond);
}

std::string FormatLocal(TimeUs time, int offset_minutes) {
  const Fields f = Split(time + offset_minutes * kMinute);
  const int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}", f.year, f.month,
                     f.day, f.hour, f.minute, f.second, f.microsecond / 1000,
                     offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

std::string LocalDate(TimeUs time, int offset_minutes) {
  const Fields f = Split(time + offset_minutes * kMinute);
  return fmt::format("{:04}-{:02}-{:02}", f.year, f.month, f.day);
}

Result<TimeUs> ParseTime(std::string_view text) {
  Scanner scanner(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microseconds = 0, offset = 0;
  if (!scanner.TakeDigits(4, year) || !scanner.Take('-') || !scanner.TakeDigits(2, month) ||
      !scanner.Take('-') || !scanner.TakeDigits(2, day) || !scanner.Take('T') ||
      !scanner.TakeDigits(2, hour) || !scanner.Take(':') || !scanner.TakeDigits(2, minute) ||
      !scanner.Take(':') || !scanner.TakeDigits(2, second) ||
      (scanner.Take('.') && !TakeFraction(scanner, microseconds))) {
    return BadText("time", text, "is not a time; write it like 2026-11-22T13:24:00+08:00");
  }
  if (scanner.done()) {
    return BadText("time", text, "has no zone; add Z for UTC or an offset such as +08:00");
  }
  if (!TakeZone(scanner, offset) || !scanner.done()) {
    return BadText("time", text,
                   "does not end with a zone; write Z for UTC or an offset such as +08:00");
  }
  const std::optional<TimeUs> midnight = Midnight(year, month, day);
  if (!midnight) return BadText("time", text, "names a day that does not exist");
  if (hour > 23 || minute > 59 || second > 59) {
    return BadText("time", text, "names a time of day that does not exist");
  }
  return *midnight + (hour * 60 + minute - offset) * kMinute + second * kSecond + microseconds;
}

Result<TimeUs> ParseDate(std::string_view text, int offset_minutes) {
  Scanner scanner(text);
  int year = 0, month = 0, day = 1;
  bool well_formed =
      scanner.TakeDigits(4, year) && scanner.Take('-') && scanner.TakeDigits(2, month);
  const bool whole_month = scanner.done();
  if (!whole_month) {
    well_formed = well_formed && scanner.Take('-') && scanner.TakeDigits(2, day) && scanner.done();
  }
  if (!well_formed) {
    return BadText("date", text, "is not a date; write it like 2026-03-31 or 2026-03");
  }
  const std::optional<TimeUs> begin = Midnight(year, month, day);
  if (!begin) {
    return BadText("date", text, "is a day that does not exist");
  }
  TimeUs end = *begin + kDay;
  if (whole_month) end = *(month == 12 ? Midnight(year + 1, 1, 1) : Midnight(year, month + 1, 1));
  return end - offset_minutes * kMinute - 1;
}

}  // namespace lims
