// Facts decide what a lot is tested for and judged by: they are declared before, and stay.
#include "app/recompute.h"
#include "support/refusal.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class LotFacts : public ::testing::Test {
 protected:
  // PH for every lot; ABX where antibiotic was used; DOSE in units of the fact dose_volume.
  void SetUp() override {
    fixture.Prepare();
    v1::Method dose = PhMethod("DOSE");
    dose.mutable_outputs(0)->set_factor("dose_volume");
    fixture.AddMethods({PhMethod("ABX"), dose});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" conditional_release_registered: true
        paper_approval { document: "QA-3" date: "2026-01-01" } }
      facts { fact: "antibiotic_used" position: 1 type: FACT_TYPE_YES_NO meaning: "Antibiotic"
              used_by_lines: "ABX" }
      facts { fact: "dose_volume" position: 2 type: FACT_TYPE_DECIMAL decimals: 1 unit: "mL"
              meaning: "Volume of a dose" above: "0" used_by_lines: "DOSE" })");
    const std::string early =
        "gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT } "
        "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }";
    const std::string late = "gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }";
    *text.add_lines() = PhLine("PH", "number: '1' " + early);
    *text.add_lines() =
        PhLine("ABX", "number: '2' applicability { fact: 'antibiotic_used' value: 'yes' } " + late);
    *text.add_lines() = PhLine("DOSE", "number: '3' " + late);
    fixture.AddSpecification(text);
    fixture.ReleaseBank("BANK", "Q");
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "Q");
    ASSERT_FALSE(HasFailure());
  }

  Result<storage::RecordedAct> Declare(const std::string& fact, const std::string& value) {
    return fixture.SignIntent("qa1", "declare_fact { lot_id: 'A' facts { fact: '" + fact +
                                         "' value: '" + value + "' document: 'BPR-1' } }");
  }
  Result<storage::RecordedAct> Submit(const std::string& panel, const std::string& value) {
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult,
                      PhValue("A", value, panel));
  }
  static std::string Said(const Result<storage::RecordedAct>& act) {
    EXPECT_FALSE(act);
    if (act) return "";
    std::string said = act.error().message;
    for (const Violation& each : act.error().violations) said += "\n" + each.description;
    return said;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(LotFacts, ThatAValueIsCalculatedWithAreDeclaredBeforeItsTest) {
  const std::string said = Said(Submit("DOSE", "7.0"));
  EXPECT_NE(said.find("dose_volume is not declared"), std::string::npos) << said;
  EXPECT_NE(said.find("lims lot fact"), std::string::npos) << said;
  fixture.Must(Declare("dose_volume", "1.0"));
  fixture.Must(Submit("DOSE", "7.0"));
}

TEST_F(LotFacts, HaveValuesOfTheirType) {
  const auto expect = [&](const std::string& fact, const std::string& value,
                          const std::string& words) {
    const std::string said = Said(Declare(fact, value));
    EXPECT_NE(said.find(words), std::string::npos) << value << ": " << said;
  };
  expect("antibiotic_used", "maybe", "must be yes or no");
  expect("antibiotic_used", std::string(301, 'y'), "at most 300 are kept");
  expect("dose_volume", "1,5", "has a comma");
  expect("dose_volume", "1", "must be written with 1 decimals");
  expect("dose_volume", "0.0", "must be above 0");
  fixture.Must(Declare("dose_volume", "1.5"));
}

TEST_F(LotFacts, AreThoseOfTheSpecificationEachOnceWithItsDocument) {
  using Names = std::vector<std::string>;
  const auto fields_of = [&](const std::string& facts) {
    return Fields(fixture.SignIntent("qa1", "declare_fact { lot_id: 'A' facts: [" + facts + "] }"));
  };
  const std::string field = "intent.declare_fact.facts";
  EXPECT_EQ(fields_of(""), Names{field});
  EXPECT_EQ(fields_of("{ fact: 'color' value: 'red' document: 'D' }"), Names{field + "[0].fact"});
  EXPECT_EQ(fields_of("{ fact: 'dose_volume' value: '1.0' document: 'D' }, "
                      "{ fact: 'dose_volume' value: '2.0' document: 'D' }"),
            Names{field + "[1].fact"});
  EXPECT_EQ(fields_of("{ fact: 'dose_volume' value: '1.0' }"), Names{field + "[0].document"});
}

TEST_F(LotFacts, ThatALineAppliesByStayOnceItIsTested) {
  fixture.Must(Declare("antibiotic_used", "no"));
  fixture.Must(Declare("antibiotic_used", "yes"));
  fixture.Must(Submit("ABX", "7.0"));
  const std::string said = Said(Declare("antibiotic_used", "no"));
  EXPECT_NE(said.find("antibiotic_used decided that ABX is tested"), std::string::npos) << said;
  fixture.Must(Declare("antibiotic_used", "yes"));
}

TEST_F(LotFacts, StayOnceTheLotWasReleasedOnThem) {
  fixture.Must(Declare("antibiotic_used", "no"));
  fixture.Must(Declare("dose_volume", "1.0"));
  fixture.StartPh("A", "DOSE");
  fixture.Must(Submit("PH", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent("qp1",
                                  "release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE "
                                  "receiving_sites: 'Clinic 1' }"));
  const std::string said = Said(Declare("antibiotic_used", "yes"));
  EXPECT_NE(said.find("released on it"), std::string::npos) << said;
}

TEST_F(LotFacts, ThatDecideWhatIsTestedLaterAreDeclaredBeforeAConditionalRelease) {
  fixture.Must(Submit("PH", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  const auto release = [&] {
    return fixture.SignIntent("qp1",
                              "release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE "
                              "receiving_sites: 'Clinic 1' }");
  };
  const auto refused = release();
  ASSERT_FALSE(refused);
  std::vector<std::string> blockers;
  for (const Violation& each : refused.error().violations) blockers.push_back(each.field);
  EXPECT_EQ(blockers, (std::vector<std::string>{"FACT_MISSING antibiotic_used",
                                                "FACT_MISSING dose_volume", "NOT_TESTED DOSE"}));
  fixture.Must(Declare("antibiotic_used", "yes"));
  fixture.Must(Declare("dose_volume", "1.0"));
  fixture.StartPh("A", "DOSE");
  const auto untested = release();
  ASSERT_FALSE(untested);
  EXPECT_EQ(untested.error().violations[0].field, "NOT_TESTED ABX");
  fixture.StartPh("A", "ABX");
  fixture.Must(release());
}

// The id of an open run on the samples, position 1 and on, with a pH read of each.
std::string ReadRun(SiteFixture& fixture, const std::string& name,
                    const std::vector<std::pair<std::string, std::string>>& read) {
  v1::CreateRunRequest request;
  request.set_method_id("M-" + name);
  std::string entries;
  for (const auto& [sample, value] : read) {
    v1::RunPosition& position = *request.add_positions();
    position.set_position(std::to_string(request.positions_size()));
    position.set_role(v1::POSITION_ROLE_SAMPLE);
    position.set_target(name);
    position.set_sample_id(sample);
    entries += " entries { position: '" + position.position() + "' target: '" + name +
               "' value { value: '" + value + "' unit: '[pH]' } }";
  }
  const std::string run =
      SiteFixture::RunOf(fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request));
  SiteFixture::Must(fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      "run_id: '" + run + "' observed_time: '" + FormatUtc(fixture.now_us) + "'" + entries));
  return run;
}

template <typename Record, typename... Key>
Record RecordOf(SiteFixture& fixture, const Key&... key) {
  const auto found = fixture.site().store().Read(
      [&](storage::Records& records) { return records.Get<Record>({key...}); });
  EXPECT_TRUE(found);
  return found ? found->record : Record();
}

bool RecomputesAlike(SiteFixture& fixture) {
  std::int64_t results = 0;
  const auto differing = fixture.site().store().Read(
      [&](storage::Records& records) { return RecomputeAll(records, &results); });
  return differing && differing->empty();
}

TEST_F(LotFacts, ThatARejectedLotLacksKeepNoOtherLotFromItsResult) {
  fixture.AddLot("B", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "Q");
  fixture.Must(
      fixture.SignIntent("qa1",
                         "declare_fact { lot_id: 'B' facts { fact: 'dose_volume' value: '1.0' "
                         "document: 'BPR-2' } }"));
  const std::string run = ReadRun(fixture, "DOSE", {{"A-S1", "7.0"}, {"B-S1", "7.9"}});
  const auto submit = [&] {
    return fixture.DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun,
                                                "run_id: '" + run + "'");
  };
  const std::string said = Said(submit());
  EXPECT_NE(said.find("dose_volume is not declared"), std::string::npos) << said;
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'A' reason: 'not filled' }"));
  fixture.Must(submit());
  EXPECT_EQ(RecordOf<v1::Result>(fixture, "B", "DOSE", std::int64_t{1}).verdict(),
            v1::VERDICT_OOS_SUSPECTED);
  const auto attempt = RecordOf<v1::Attempt>(fixture, "A", "DOSE", std::int64_t{1});
  EXPECT_EQ(attempt.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  ASSERT_EQ(attempt.undeclared_facts_size(), 1);
  EXPECT_EQ(attempt.undeclared_facts(0), "dose_volume");
  EXPECT_EQ(RecordOf<v1::Attempt>(fixture, "B", "DOSE", std::int64_t{1}).undeclared_facts_size(),
            0);
  EXPECT_TRUE(RecomputesAlike(fixture));
}

TEST_F(LotFacts, ThatARejectedLotLacksEndNoInvestigation) {
  fixture.AddMethods({PhMethod("VOL")});
  auto text = FromText<v1::SpecificationText>(R"(
    product { product_id: "V" name_en: "Product" name_zh: "产品" }
    specification { product_id: "V" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
      effective_date: "2026-01-02" paper_approval { document: "QA-4" date: "2026-01-01" } }
    facts { fact: "fill" position: 1 type: FACT_TYPE_DECIMAL decimals: 1 unit: "[pH]"
            meaning: "Lowest" above: "0" used_by_lines: "VOL" })");
  *text.add_lines() =
      PhLine("VOL", "number: '1' gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }");
  v1::Bound& lower = *text.mutable_lines(0)->mutable_criteria(0)->mutable_lower();
  lower.clear_value();
  lower.set_fact("fill");
  fixture.AddSpecification(text);
  fixture.AddLot("V", "DRUG_PRODUCT", "", "V");
  fixture.AddSample("V", "V-I", "INVESTIGATION");
  ASSERT_FALSE(HasFailure());
  const std::string run = ReadRun(fixture, "VOL", {{"V-I", "7.0"}});
  const auto submit = [&] {
    return fixture.DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun,
                                                "run_id: '" + run + "'");
  };
  const std::string said = Said(submit());  // it can still be declared
  EXPECT_NE(said.find("lims lot fact"), std::string::npos) << said;
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'V' reason: 'not filled' }"));
  fixture.Must(submit());
  const auto result = RecordOf<v1::Result>(fixture, "V", "VOL", std::int64_t{1});
  EXPECT_EQ(result.verdict(), v1::VERDICT_REPORT_ONLY);
  EXPECT_EQ(result.value_reported(), "7.0");
  EXPECT_EQ(result.criterion(), ">= fill (not declared) and <= 7.6");
  const std::string other = ReadRun(fixture, "VOL", {{"V-I", "7.0"}});
  fixture.Must(fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                                   "run_id: '" + other + "' reason: 'spilt'"));
  auto typed = PhValue("V", "7.2", "VOL");
  typed.set_sample_id("V-I");
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, typed));
  EXPECT_EQ(RecordOf<v1::Result>(fixture, "V", "VOL", std::int64_t{3}).verdict(),
            v1::VERDICT_REPORT_ONLY);
  EXPECT_TRUE(RecomputesAlike(fixture));
}

TEST_F(LotFacts, AConditionallyReleasedLotThatFailsHasFailedAndIsRejected) {
  fixture.Must(Declare("antibiotic_used", "no"));
  fixture.Must(Declare("dose_volume", "1.0"));
  const std::string run = fixture.StartPh("A", "DOSE");
  fixture.Must(Submit("PH", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent("qp1",
                                  "release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE "
                                  "receiving_sites: 'Clinic 1' }"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_CONDITIONALLY_RELEASED);
  fixture.Must(fixture.FinishPh(run, "6.5", "DOSE"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_CONDITIONAL_FAILED);
  const std::string said = Said(Declare("antibiotic_used", "yes"));
  EXPECT_NE(said.find("lims release reject"), std::string::npos) << said;
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'A' reason: 'dose out of limits' }"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_REJECTED);
}

}  // namespace
}  // namespace lims::app
