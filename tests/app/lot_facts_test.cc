// Facts decide what a lot is tested for and judged by: they are declared before, and stay.
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
    fixture.AddLot("BANK", "MCB", "", "Q");
    fixture.Must(fixture.SubmitPh("BANK", "7.0"));
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'BANK' }"));
    fixture.Must(
        fixture.SignIntent("qp1", "release { lot_id: 'BANK' decision: DECISION_RELEASE }"));
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
