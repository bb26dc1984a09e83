#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

#include "base/clock.h"

namespace lims {
namespace {

constexpr TimeUs kYear0 = -62'167'219'200'000'000;      // 0000-01-01T00:00:00Z
constexpr TimeUs kYear10000 = 253'402'300'800'000'000;  // the end of 9999

TEST(Time, FormatsUtcToTheMicrosecond) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatUtc(1'795'325'040'123'456), "2026-11-22T05:24:00.123456Z");
  EXPECT_EQ(FormatUtc(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatUtc(kYear0), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatUtc(kYear10000 - 1), "9999-12-31T23:59:59.999999Z");
}

TEST(Time, FormatsLocalTimeWithItsOffset) {
  EXPECT_EQ(FormatLocal(1'795'325'040'123'999, 480), "2026-11-22T13:24:00.123+08:00");
  EXPECT_EQ(FormatLocal(1'795'325'040'123'456, 0), "2026-11-22T05:24:00.123+00:00");
  EXPECT_EQ(FormatLocal(1'795'325'040'123'456, -570), "2026-11-21T19:54:00.123-09:30");
}

TEST(Time, FormatsTheLocalDay) {
  EXPECT_EQ(LocalDate(1'795'325'040'123'456, 0), "2026-11-22");
  EXPECT_EQ(LocalDate(1'795'325'040'123'456, -570), "2026-11-21");
}

TEST(Time, ReadsOneMomentWrittenInSeveralZones) {
  for (std::string_view text :
       {"2026-11-22T05:24:00Z", "2026-11-22T05:24:00.0Z", "2026-11-22T13:24:00+08:00",
        "2026-11-22T10:54:00+05:30", "2026-11-21T19:54:00.000000-09:30",
        "2026-11-22T19:24:00.000000000+14:00"}) {
    EXPECT_EQ(ParseTime(text).value(), 1'795'325'040'000'000) << text;
  }
  EXPECT_EQ(ParseTime("2026-11-22T05:24:00.1234569Z").value(), 1'795'325'040'123'456);
  EXPECT_EQ(ParseTime("2026-11-22T05:24:00.5Z").value(), 1'795'325'040'500'000);
}

// An offset is a fixed number: the same text means the same distance to UTC on every day.
TEST(Time, OffsetsDoNotMoveWithTheSeason) {
  for (std::string_view day : {"2026-01-15", "2026-03-29", "2026-07-15", "2026-10-25"}) {
    const std::string text(day);
    EXPECT_EQ(ParseTime(text + "T02:30:00Z").value() - ParseTime(text + "T02:30:00+02:00").value(),
              TimeUs{2} * 3600 * 1'000'000);
  }
}

TEST(Time, KnowsLeapDays) {
  EXPECT_TRUE(ParseTime("2024-02-29T12:00:00Z"));
  EXPECT_TRUE(ParseTime("2000-02-29T12:00:00Z"));
  EXPECT_FALSE(ParseTime("2026-02-29T12:00:00Z"));
  EXPECT_FALSE(ParseTime("2100-02-29T12:00:00Z"));
  EXPECT_EQ(ParseTime("2024-03-01T00:00:00Z").value() - ParseTime("2024-02-29T00:00:00Z").value(),
            TimeUs{24} * 3600 * 1'000'000);
}

TEST(Time, RefusesWhatNamesNoMoment) {
  for (std::string_view text : {"",
                                "2026-11-22",
                                "2026-11-22T05:24:00",
                                "2026-11-22T05:24:00.123",
                                "2026-11-22 05:24:00Z",
                                "2026-11-22T05:24Z",
                                "2026-11-22t05:24:00z",
                                "2026-11-22T05:24:00z",
                                "2026-13-01T00:00:00Z",
                                "2026-00-01T00:00:00Z",
                                "2026-04-31T00:00:00Z",
                                "2026-04-00T00:00:00Z",
                                "2026-11-22T24:00:00Z",
                                "2026-11-22T23:60:00Z",
                                "2026-06-30T23:59:60Z",
                                "2026-11-22T05:24:00.Z",
                                "2026-11-22T05:24:00.1234567890Z",
                                "2026-11-22T05:24:00,5Z",
                                "2026-11-22T05:24:00+0800",
                                "2026-11-22T05:24:00+08",
                                "2026-11-22T05:24:00+08:60",
                                "2026-11-22T05:24:00+18:00",
                                "2026-11-22T05:24:00+14:01",
                                "2026-11-22T05:24:00Z ",
                                " 2026-11-22T05:24:00Z",
                                "26-11-22T05:24:00Z",
                                "+026-11-22T05:24:00Z",
                                "2026-1-22T05:24:00Z",
                                "2026-11-22T05:24:00+08:00Z",
                                "2026-11-22T5:24:00Z"}) {
    const auto time = ParseTime(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().reason, ErrorReason::kInvalidArgument);
  }
}

TEST(Time, SaysThatTheZoneIsMissing) {
  EXPECT_EQ(ParseTime("2026-11-22T05:24:00").error().message,
            "time: \"2026-11-22T05:24:00\" has no zone; add Z for UTC or an offset such as +08:00");
  EXPECT_EQ(ParseTime("2026-02-30T05:24:00Z").error().message,
            "time: \"2026-02-30T05:24:00Z\" names a day that does not exist");
  EXPECT_EQ(ParseTime("\xff\xfe").error().message.substr(0, 24), "time: this text is not a");
}

RC_GTEST_PROP(Time, TextComesBackAsTheSameMoment, ()) {
  const TimeUs time = *rc::gen::inRange(kYear0, kYear10000);
  RC_ASSERT(ParseTime(FormatUtc(time)).value() == time);
  const int offset = *rc::gen::inRange(-14 * 60, 14 * 60 + 1);
  const TimeUs inside = std::clamp(time, kYear0 + 86'400'000'000, kYear10000 - 86'400'000'000);
  const TimeUs read = ParseTime(FormatLocal(inside, offset)).value();
  RC_ASSERT(read <= inside);
  RC_ASSERT(inside - read < 1000);
}

TEST(Date, EndsWithItsLocalDay) {
  EXPECT_EQ(FormatLocal(ParseDate("2026-03-31", 480).value(), 480),
            "2026-03-31T23:59:59.999+08:00");
  EXPECT_EQ(FormatUtc(ParseDate("2026-03-31", 480).value()), "2026-03-31T15:59:59.999999Z");
  EXPECT_EQ(FormatUtc(ParseDate("2024-02-29", 0).value()), "2024-02-29T23:59:59.999999Z");
  EXPECT_EQ(FormatUtc(ParseDate("2026-12-31", -300).value()), "2027-01-01T04:59:59.999999Z");
}

TEST(Date, MonthEndsWithItsLastDay) {
  EXPECT_EQ(ParseDate("2026-03", 480).value(), ParseDate("2026-03-31", 480).value());
  EXPECT_EQ(ParseDate("2026-02", 0).value(), ParseDate("2026-02-28", 0).value());
  EXPECT_EQ(ParseDate("2024-02", 0).value(), ParseDate("2024-02-29", 0).value());
  EXPECT_EQ(ParseDate("2026-04", 0).value(), ParseDate("2026-04-30", 0).value());
  EXPECT_EQ(ParseDate("2026-12", 0).value(), ParseDate("2026-12-31", 0).value());
}

TEST(Date, RefusesWhatNamesNoDay) {
  for (std::string_view text :
       {"", "2026", "2026-", "2026-3", "2026-13", "2026-00", "2026-02-29", "2026-03-32", "2026-03-",
        "2026-03-1", "2026/03/31", "31.03.2026", "2026-03-31 ", "2026-03-31T00:00:00Z"}) {
    EXPECT_FALSE(ParseDate(text, 0)) << text;
  }
}

TEST(Clock, MonotonicTimeDoesNotGoBack) {
  const Clock clock = SystemClock();
  const std::int64_t first = clock.MonotonicUs();
  EXPECT_GE(clock.MonotonicUs(), first);
  EXPECT_GT(clock.Now(), ParseTime("2024-01-01T00:00:00Z").value());
}

TEST(Clock, FixedClockStandsStill) {
  const Clock clock = FixedClock(42);
  EXPECT_EQ(clock.Now(), 42);
  EXPECT_EQ(clock.MonotonicUs(), 0);
}

}  // namespace
}  // namespace lims
