#include "core/findings.h"

#include <gtest/gtest.h>

namespace lims::client {
namespace {

void AddTo(google::protobuf::RepeatedPtrField<v1::NamedValue>* details, const std::string& name,
           const std::string& value, const std::string& unit = "") {
  v1::NamedValue* detail = details->Add();
  detail->set_name(name);
  detail->set_value(value);
  detail->set_unit(unit);
}

v1::Check Asked(const std::string& name, const std::string& observed, bool ok) {
  v1::Check check;
  check.set_name(name);
  check.set_scope("RNase P");
  check.set_observed(observed);
  check.set_criterion("-3.6 to -3.1");
  check.set_ok(ok);
  return check;
}

v1::Attempt FirstAttempt() {
  v1::Attempt attempt;
  attempt.set_lot_id("A");
  attempt.set_panel("TERT");
  attempt.set_number(1);
  return attempt;
}

TEST(Findings, NumbersAreShownWithFourSignificantDigits) {
  EXPECT_EQ(ForReading("-3.3830294"), "-3.383");
  EXPECT_EQ(ForReading("97.4999"), "97.50");
  EXPECT_EQ(ForReading("12345.67"), "12346");
  EXPECT_EQ(ForReading("0.000123456"), "0.0001235");
  EXPECT_EQ(ForReading("0.5"), "0.5");
  EXPECT_EQ(ForReading("20260001"), "20260001");
  EXPECT_EQ(ForReading("0.00000"), "0");
  EXPECT_EQ(ForReading("1.03312 to 1.09389"), "1.033 to 1.094");
  EXPECT_EQ(ForReading("31.24567, Undetermined"), "31.25, Undetermined");
  EXPECT_EQ(ForReading("no growth at FTM-1 for 14 d 0 h 4 min"),
            "no growth at FTM-1 for 14 d 0 h 4 min");
  EXPECT_EQ(ForReading(""), "");
}

TEST(Findings, WhatIsHeldAgainstALimitIsShownWithTenSignificantDigits) {
  EXPECT_EQ(ForJudging("0.3333333333333333333333333333333333"), "0.3333333333");
  EXPECT_EQ(ForJudging("<0.3333333333333333333333333333333333"), "<0.3333333333");
  EXPECT_EQ(ForJudging("3.333333333333333333333333333333333E-4"), "0.0003333333333");
  EXPECT_EQ(ForJudging("-3.6000001"), "-3.6000001");
  EXPECT_EQ(ForJudging("7.20"), "7.20");
  EXPECT_EQ(ForJudging("NOT_DETECTED"), "NOT_DETECTED");
  EXPECT_EQ(ForJudging(""), "");
}

TEST(Findings, AControlThatWasNotNeededIsNotShownAsMet) {
  v1::Run run;
  *run.add_checks() = Asked("positive_control", "not read", true);
  *run.add_checks() = Asked("negative_control", "not read", false);
  *run.add_checks() = Asked("slope", "-3.3", true);
  const std::string table = RenderChecks(run, {});
  EXPECT_NE(table.find("\nnot assessed  run  positive_control"), std::string::npos) << table;
  EXPECT_NE(table.find("\nFAILED        run  negative_control"), std::string::npos) << table;
  EXPECT_NE(table.find("\nok            run  slope"), std::string::npos) << table;
}

TEST(Findings, AFailedCheckIsALineThatNamesWhatItIsOf) {
  google::protobuf::RepeatedPtrField<v1::Check> checks;
  *checks.Add() = Asked("slope", "-3.7", true);
  *checks.Add() = Asked("slope", "-3.666666666666666666666666666666667", false);
  EXPECT_EQ(FailedChecks("run", checks),
            "check failed, run: slope RNase P: -3.666666667, asked -3.6 to -3.1\n");
  checks[1].clear_scope();
  EXPECT_EQ(FailedChecks("", checks), "check failed: slope: -3.666666667, asked -3.6 to -3.1\n");
  checks[1].set_ok(true);
  EXPECT_EQ(FailedChecks("run", checks), "");
}

TEST(Findings, TypedValuesAreShownAsTheyWereTyped) {
  google::protobuf::RepeatedPtrField<v1::Attempt> attempts;
  *attempts.Add() = FirstAttempt();
  attempts[0].mutable_sealed_entries()->set_file_name("first-entry");
  EXPECT_EQ(RenderEntries(attempts), "");
  v1::TypedEntry* number = attempts[0].add_entries();
  number->set_input("PH");
  number->set_replicate(1);
  number->mutable_value()->set_value("7.2100001");
  number->mutable_value()->set_unit("[pH]");
  v1::TypedEntry* observation = attempts[0].add_entries();
  observation->set_input("APPEAR");
  observation->set_replicate(2);
  observation->mutable_value()->set_value("CONFORMS");
  observation->set_description("clear, no colour");
  EXPECT_EQ(RenderEntries(attempts),
            "\n"
            "TYPED FOR  INPUT   REPLICATE  VALUE      UNIT  DESCRIPTION\n"
            "A TERT/1   PH      1          7.2100001  [pH]\n"
            "A TERT/1   APPEAR  2          CONFORMS         clear, no colour\n");
}

TEST(Findings, EveryCheckIsShownTheFailedFirst) {
  v1::Run run;
  *run.add_checks() = Asked("slope", "-3.3830294", true);
  google::protobuf::RepeatedPtrField<v1::Attempt> attempts;
  *attempts.Add() = FirstAttempt();
  *attempts[0].add_checks() = Asked("replicate_sd", "-3.6000001", false);
  EXPECT_EQ(RenderChecks(run, attempts),
            "\n"
            "CHECK   OF        NAME          ON       OBSERVED    ASKED\n"
            "FAILED  A TERT/1  replicate_sd  RNase P  -3.6000001  -3.6 to -3.1\n"
            "ok      run       slope         RNase P  -3.383      -3.6 to -3.1\n");
  EXPECT_EQ(RenderChecks({}, {}), "");
}

TEST(Findings, OursStandsBesideTheVendorsAndWithItsLimits) {
  v1::Run run;
  AddTo(run.mutable_details(), "efficiency_percent", "97.5012", "%");
  AddTo(run.mutable_details(), "vendor_efficiency_percent", "97.495", "%");
  AddTo(run.mutable_details(), "vendor_r2", "0.999");
  google::protobuf::RepeatedPtrField<v1::Attempt> attempts;
  *attempts.Add() = FirstAttempt();
  AddTo(attempts[0].mutable_details(), "rp", "1.06291");
  AddTo(attempts[0].mutable_details(), "rp_lower", "1.03312");
  AddTo(attempts[0].mutable_details(), "rp_upper", "1.09389");
  AddTo(attempts[0].mutable_details(), "rp_fieller_lower", "1.03");
  AddTo(attempts[0].mutable_details(), "rp_fieller_upper", "1.09");
  AddTo(attempts[0].mutable_details(), "lone_upper", "2");
  AddTo(attempts[0].mutable_details(), "cq", "31.24567 (A1), none (A2)");
  EXPECT_EQ(RenderFigures(run, attempts, {}),
            "\n"
            "OF        FIGURE              VALUE  UNIT  95 % LIMITS     VENDOR\n"
            "run       efficiency_percent  97.50  %                     97.50\n"
            "run       r2                                               0.999\n"
            "A TERT/1  rp                  1.063        1.033 to 1.094\n"
            "A TERT/1  rp_fieller                       1.03 to 1.09\n"
            "A TERT/1  lone_upper          2\n"
            "\n"
            "A TERT/1 cq: 31.25 (A1), none (A2)\n");
  EXPECT_EQ(RenderFigures({}, {}, {}), "");
}

}  // namespace
}  // namespace lims::client
