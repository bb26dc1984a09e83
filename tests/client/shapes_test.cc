#include "core/shapes.h"

#include <gtest/gtest.h>

#include <vector>

namespace lims::client {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> Keys(const ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

v1::Attempt Attempt(const std::string& panel, int number, v1::Outcome outcome) {
  v1::Attempt attempt;
  attempt.set_lot_id("L1");
  attempt.set_panel(panel);
  attempt.set_number(number);
  attempt.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  attempt.set_outcome(outcome);
  return attempt;
}

v1::Result Result(const std::string& panel, const std::string& line, int attempt) {
  v1::Result result;
  result.set_lot_id("L1");
  result.set_panel(panel);
  result.set_line_code(line);
  result.set_attempt_number(attempt);
  result.set_value_raw("7.249");
  result.set_value_reported("7.2");
  result.set_unit("[pH]");
  result.set_verdict(v1::VERDICT_PASS);
  return result;
}

TEST(Shapes, SayWhichVersionsWereInForceBeforeTheirElectronicApproval) {
  v1::PaperApproval paper;
  EXPECT_EQ(BeforeElectronicApproval(v1::VERSION_STATE_APPROVED, paper), "");
  paper.set_document("QA-1");
  paper.set_date("2025-01-06");
  const std::string note = "in force before electronic approval, from 2025-01-06 by QA-1";
  EXPECT_EQ(BeforeElectronicApproval(v1::VERSION_STATE_APPROVED, paper), note);
  EXPECT_EQ(BeforeElectronicApproval(v1::VERSION_STATE_SUPERSEDED, paper), note);
  EXPECT_EQ(BeforeElectronicApproval(v1::VERSION_STATE_DRAFT, paper), "");
  EXPECT_EQ(BeforeElectronicApproval(v1::VERSION_STATE_SUBMITTED, paper), "");
}

TEST(Shapes, ResultKeepsItsContract) {
  const v1::Attempt attempt = Attempt("PH", 2, v1::OUTCOME_VALID);
  v1::Result result = Result("PH", "PH", 2);
  result.add_flags("ALERT");
  v1::Run run;
  v1::Check* check = run.add_checks();
  check->set_name("calibration_slope");
  check->set_observed("99");
  check->set_criterion("95 to 105");
  check->set_ok(true);
  v1::Receipt receipt;
  receipt.set_log_index(41);
  const ordered_json json = ResultJson({"PH", &attempt, &result, &run, &receipt});
  EXPECT_EQ(Keys(json),
            (std::vector<std::string>{"lot", "line", "attempt", "value_raw", "value_reported",
                                      "unit", "verdict", "checks", "flags", "receipt"}));
  EXPECT_EQ(json["attempt"].dump(), R"({"number":2,"kind":"ORIGINAL","outcome":"VALID"})");
  EXPECT_EQ(json["value_reported"], "7.2");
  EXPECT_EQ(json["verdict"], "PASS");
  EXPECT_EQ(json["checks"].dump(),
            R"([{"name":"calibration_slope","observed":"99","criterion":"95 to 105","ok":true}])");
  EXPECT_EQ(json["flags"].dump(), R"(["ALERT"])");
  EXPECT_EQ(json["receipt"].dump(), R"({"log_index":41})");
}

TEST(Shapes, AFlagThatStandsForMoreThanItsNameHasWords) {
  EXPECT_EQ(FlagText("INDIVIDUAL_BELOW_LIMIT"),
            "INDIVIDUAL_BELOW_LIMIT (a single value outside the limit)");
  EXPECT_EQ(FlagText("ALERT"), "ALERT");
}

TEST(Shapes, QualifiedValueKeepsItsSign) {
  const v1::Attempt attempt = Attempt("ENDO", 1, v1::OUTCOME_VALID);
  v1::Result result = Result("ENDO", "ENDO", 1);
  result.set_value_reported("0.50");
  result.set_qualifier(v1::QUALIFIER_LESS_THAN);
  const ordered_json json = ResultJson({"ENDO", &attempt, &result, nullptr, nullptr});
  EXPECT_EQ(json["value_reported"], "<0.50");
  EXPECT_EQ(json["value_raw"], "<7.249");
}

TEST(Shapes, InvalidAttemptHasNeitherValueNorVerdict) {
  v1::Attempt attempt = Attempt("PH", 1, v1::OUTCOME_INVALID_RUN);
  attempt.add_flags("UNEXPECTED_POSITIVE");
  const ordered_json json = ResultJson({"PH", &attempt, nullptr, nullptr, nullptr});
  for (const char* key : {"value_raw", "value_reported", "unit", "verdict", "receipt"}) {
    EXPECT_TRUE(json[key].is_null()) << key;
  }
  EXPECT_EQ(json["flags"].dump(), R"(["UNEXPECTED_POSITIVE"])");
}

TEST(Shapes, InvalidLineOfAValidAttemptSaysWhy) {
  v1::Attempt attempt = Attempt("HV", 1, v1::OUTCOME_VALID);
  v1::InvalidLine& line = *attempt.add_invalid_lines();
  line.set_line_code("HV-HBV");
  line.set_outcome(v1::OUTCOME_INVALID_RUN);
  line.set_reason("ntc of HBV: 31.2 (C7)");
  const ordered_json json = ResultJson({"HV-HBV", &attempt, nullptr, nullptr, nullptr});
  EXPECT_EQ(json["attempt"]["outcome"], "INVALID_RUN");
  EXPECT_EQ(json["explanation"], "ntc of HBV: 31.2 (C7)");
  EXPECT_EQ(ResultJson({"HV-HCV", &attempt, nullptr, nullptr, nullptr})["attempt"]["outcome"],
            "VALID");
}

TEST(Shapes, LinesComeNewestAttemptFirst) {
  v1::ListResultsResponse listing;
  *listing.add_attempts() = Attempt("FCS", 1, v1::OUTCOME_VALID);
  *listing.add_attempts() = Attempt("FCS", 2, v1::OUTCOME_INVALID_RUN);
  *listing.add_attempts() = Attempt("PH", 1, v1::OUTCOME_ABORTED);
  *listing.add_results() = Result("FCS", "CD90", 1);
  *listing.add_results() = Result("FCS", "CD73", 1);
  std::vector<std::string> seen;
  for (const LineResult& line : LineResults(listing)) {
    seen.push_back(line.line + "/" + std::to_string(line.attempt->number()) +
                   (line.result == nullptr ? "-" : "+"));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"CD73/2-", "CD73/1+", "CD90/2-", "CD90/1+", "PH/1-"}));
}

TEST(Shapes, BlockersKeepTheirContract) {
  v1::GetBlockersResponse response;
  response.set_lot_id("L1");
  response.set_disposition(v1::DISPOSITION_QUARANTINE);
  response.set_gate(v1::GATE_S2);
  v1::Blocker* blocker = response.add_blockers();
  blocker->set_kind(v1::BLOCKER_KIND_NOT_TESTED);
  blocker->set_what("PH");
  blocker->set_who(v1::ROLE_TECHNICIAN);
  blocker->set_description("not tested: lims run create");
  EXPECT_EQ(BlockersJson(response).dump(),
            R"({"lot":"L1","disposition":"QUARANTINE","gate":"S2","releasable":false,)"
            R"("blockers":[{"kind":"NOT_TESTED","what":"PH","who":"TECHNICIAN",)"
            R"("description":"not tested: lims run create"}]})");
}

v1::Computation Computation(int samples) {
  v1::Computation computation;
  computation.set_assay("qpcr");
  computation.set_assay_version("1");
  computation.set_outcome(v1::OUTCOME_VALID);
  v1::NamedValue* slope = computation.add_details();
  slope->set_name("slope");
  slope->set_value("-3.32");
  for (int i = 0; i < samples; ++i) {
    v1::SampleComputation* sample = computation.add_samples();
    if (samples > 1) sample->set_sample_id("S" + std::to_string(i));
    sample->set_outcome(v1::OUTCOME_INVALID_SAMPLE);
    v1::Check* check = sample->add_checks();
    check->set_name("cv");
    check->set_scope("HPRT");
    v1::Reportable* value = sample->add_reportables();
    value->set_line_code("POT");
    value->set_value("1.5");
    value->set_qualifier(v1::QUALIFIER_GREATER_THAN);
    value->set_unit("{ratio}");
    v1::NamedValue* mean = sample->add_details();
    mean->set_name("mean");
    mean->set_value("1.5");
  }
  return computation;
}

TEST(Shapes, ComputationOfOneSampleIsFlat) {
  EXPECT_EQ(ComputationJson(Computation(1)).dump(),
            R"({"assay":"qpcr","version":"1","outcome":"INVALID_SAMPLE",)"
            R"("checks":[{"name":"cv","observed":"","criterion":"","ok":false,"scope":"HPRT"}],)"
            R"("reportable":[{"name":"POT","value":"1.5","qualifier":"GREATER_THAN",)"
            R"("unit":"{ratio}"}],"details":{"slope":"-3.32","mean":"1.5"}})");
}

TEST(Shapes, NumberOfTheRunIsNotLostBehindTheSamples) {
  v1::Computation computation = Computation(1);
  computation.mutable_details(0)->set_name("mean");
  EXPECT_EQ(ComputationJson(computation)["details"].dump(), R"({"mean":"1.5","run.mean":"-3.32"})");
}

TEST(Shapes, ComputationOfSeveralNamesTheSample) {
  const ordered_json json = ComputationJson(Computation(2));
  EXPECT_EQ(json["outcome"], "VALID");
  EXPECT_EQ(json["checks"][1]["sample"], "S1");
  EXPECT_EQ(json["reportable"][0]["sample"], "S0");
  EXPECT_EQ(json["details"].dump(), R"({"slope":"-3.32","S0":{"mean":"1.5"},"S1":{"mean":"1.5"}})");
  EXPECT_EQ(json["outcomes"]["S1"], "INVALID_SAMPLE");
}

}  // namespace
}  // namespace lims::client
