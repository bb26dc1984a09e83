// Lots and documents that facts name: they speak for a lot only while nothing has been found, and
// what a positive of one lot means for those of its bank.
#include "app/work.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class NamedLots : public ::testing::Test {
 protected:
  // PH for every lot; ID against a reference document and TERT, a biosafety line, for products. A
  // product names the end-of-production cells of its bank.
  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({PhMethod("ID"), PhMethod("TERT")});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" conditional_release_registered: true
        paper_approval { document: "QA-3" date: "2026-01-01" } }
      facts { fact: "eopc_lot" type: FACT_TYPE_LOT lot_kind: LOT_KIND_EOPC
              meaning: "Cells at the end of production" used_by_lines: "PH" }
      facts { fact: "reference" type: FACT_TYPE_DOCUMENT meaning: "Reference profile"
              used_by_lines: "ID" needed_when: "compared" }
      facts { fact: "compared" type: FACT_TYPE_YES_NO meaning: "There is a reference"
              used_by_lines: "ID" })");
    const std::string product = "gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT } ";
    *text.add_lines() =
        PhLine("PH",
               "number: '1' gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT } "
               "gates { gate: GATE_BANK lot_kinds: [LOT_KIND_MCB, LOT_KIND_WCB, LOT_KIND_EOPC] }");
    *text.add_lines() = PhLine("ID", "number: '2' " + product);
    *text.add_lines() =
        PhLine("TERT", "number: '3' biosafety: true hold_reviews: ['PH', 'ID'] " + product);
    fixture.AddSpecification(text);
    AddReleased("BANK", "MCB", "");
    AddReleased("OTHER", "MCB", "");
    AddReleased("CELLS", "EOPC", "BANK");
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "Q");
    ASSERT_FALSE(HasFailure());
  }

  void AddReleased(const std::string& lot, const std::string& kind, const std::string& parent) {
    fixture.AddLot(lot, kind, parent.empty() ? "" : "parents { lot_id: '" + parent + "' }", "Q");
    fixture.Must(fixture.SubmitPh(lot, "7.0"));
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: '" + lot + "' }"));
    fixture.Must(
        fixture.SignIntent("qp1", "release { lot_id: '" + lot + "' decision: DECISION_RELEASE }"));
  }
  // A released lot is tested again for stability, and fails.
  void Fail(const std::string& lot) {
    fixture.AddSample(lot, lot + "-S2", "STABILITY");
    v1::SubmitResultRequest request = PhValue(lot, "6.0");
    request.set_sample_id(lot + "-S2");
    fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request));
  }
  Result<storage::RecordedAct> Declare(const std::string& fact, const std::string& value) {
    return fixture.SignIntent("qa1", "declare_fact { lot_id: 'A' facts { fact: '" + fact +
                                         "' value: '" + value + "' document: 'BPR-1' } }");
  }
  Result<storage::RecordedAct> Submit(const std::string& panel, const std::string& value) {
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult,
                      PhValue("A", value, panel));
  }
  Result<storage::RecordedAct> ReleaseOnCondition() {
    return fixture.SignIntent("qp1",
                              "release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE "
                              "receiving_sites: 'Clinic 1' }");
  }
  // Lot A, while its last tests run.
  void ReleaseOnCells() {
    fixture.Must(Declare("eopc_lot", "CELLS"));
    fixture.Must(Declare("compared", "no"));
    fixture.StartPh("A", "ID");
    fixture.StartPh("A", "TERT");
    fixture.Must(Submit("PH", "7.0"));
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
    fixture.Must(ReleaseOnCondition());
  }
  static void ExpectRefused(const Result<storage::RecordedAct>& act, const std::string& words) {
    ASSERT_FALSE(act);
    std::string said = act.error().message;
    for (const Violation& each : act.error().violations) {
      said += "\n" + each.field + " " + each.description;
    }
    EXPECT_NE(said.find(words), std::string::npos) << said;
  }
  std::vector<std::string> Held(const std::string& lot) {
    std::vector<std::string> reasons;
    const auto holds = fixture.site().store().Read(
        [&](storage::Records& records) { return records.List<v1::Hold>({lot}); });
    for (const auto& hold : holds.value()) reasons.push_back(hold.record.reason());
    return reasons;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  const std::string document = "STR-1 " + std::string(64, 'a');
};

TEST_F(NamedLots, ComeFromABankOfTheLot) {
  fixture.AddLot("FAR", "EOPC", "parents { lot_id: 'OTHER' }", "Q");
  ExpectRefused(Declare("eopc_lot", "FAR"), "lot FAR comes from no bank of lot A");
  ExpectRefused(Declare("eopc_lot", "NONE"), "lot NONE is not registered");
  ExpectRefused(Declare("eopc_lot", "BANK"), "must be a lot of kind EOPC");
  ExpectRefused(Declare("eopc_lot", "A"), "a lot does not refer to itself");
  fixture.AddLot("WORK", "WCB", "parents { lot_id: 'BANK' }", "Q");
  fixture.AddLot("NEAR", "EOPC", "parents { lot_id: 'WORK' }", "Q");
  fixture.Must(Declare("eopc_lot", "NEAR"));
}

TEST_F(NamedLots, ThatAFailureOfTheirsIsNotExchanged) {
  AddReleased("MORE", "EOPC", "BANK");
  fixture.Must(Declare("eopc_lot", "MORE"));
  fixture.Must(Declare("eopc_lot", "CELLS"));
  fixture.Must(Submit("PH", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  Fail("CELLS");
  ExpectRefused(Declare("eopc_lot", "MORE"), "CELLS is out of specification in PH");
  fixture.Must(Declare("eopc_lot", "CELLS"));
  ExpectRefused(ReleaseOnCondition(), "PARENT_OOS CELLS");
}

TEST_F(NamedLots, AreNotNamedPastAFailedOneOfTheSameBank) {
  AddReleased("MORE", "EOPC", "BANK");
  AddReleased("FAR", "EOPC", "OTHER");
  Fail("FAR");
  fixture.Must(Declare("eopc_lot", "MORE"));
  fixture.AddLot("B", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "Q");
  Fail("CELLS");
  fixture.Must(Declare("eopc_lot", "MORE"));  // named before
  const auto declare = [&](const std::string& lot) {
    return fixture.SignIntent("qa1",
                              "declare_fact { lot_id: 'B' facts { fact: 'eopc_lot' value: '" + lot +
                                  "' document: 'BPR-1' } }");
  };
  ExpectRefused(declare("MORE"), "CELLS is out of specification in PH");
  fixture.Must(declare("CELLS"));
}

TEST_F(NamedLots, ThatAFailureOfWhatTheyWereMadeFromIsNotExchanged) {
  AddReleased("WORK", "WCB", "BANK");
  AddReleased("MORE", "EOPC", "WORK");
  fixture.Must(Declare("eopc_lot", "MORE"));
  Fail("WORK");
  ExpectRefused(Declare("eopc_lot", "CELLS"), "WORK is out of specification in PH");
}

TEST_F(NamedLots, ThatAreHeldOrWithdrawnStay) {
  AddReleased("MORE", "EOPC", "BANK");
  fixture.Must(Declare("eopc_lot", "CELLS"));
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'CELLS' reason: 'a question' }"));
  ExpectRefused(Declare("eopc_lot", "MORE"), "CELLS is on hold");
  fixture.Must(
      fixture.SignIntent("qa1", "unhold { lot_id: 'CELLS' number: 1 reason: 'an answer' }"));
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'CELLS' reason: 'a complaint' }"));
  ExpectRefused(Declare("eopc_lot", "MORE"), "CELLS is WITHDRAWN");
}

TEST_F(NamedLots, StayOnceTheLotWasReleasedOnThem) {
  AddReleased("MORE", "EOPC", "BANK");
  ReleaseOnCells();
  ExpectRefused(Declare("eopc_lot", "MORE"), "the lot was released on it");
}

TEST_F(NamedLots, ThatAreWithdrawnLaterAreForQaToDecideOn) {
  ReleaseOnCells();
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'CELLS' reason: 'a complaint' }"));
  for (const char* asked : {"", "lot_id: 'A'"}) {
    const auto due = fixture.site().store().Read([&](storage::Records& records) {
      return ListWork(fixture.site(), records, FromText<v1::ListWorkRequest>(asked));
    });
    ASSERT_TRUE(due) << due.error().message;
    EXPECT_TRUE(std::any_of(due->items().begin(), due->items().end(), [](const auto& item) {
      return item.kind() == v1::WORK_KIND_DECIDE &&
             item.text().starts_with(
                 "a conditionally released lot rests on CELLS, which is WITHDRAWN");
    })) << due->DebugString();
  }
}

TEST_F(NamedLots, ADocumentIsThereBeforeItsLineIsTestedAndStays) {
  ExpectRefused(Submit("ID", "7.0"), "fact compared is not declared");
  ExpectRefused(Declare("compared", "yes"), "declare reference first, or with it");
  ExpectRefused(Declare("reference", "STR-1"), "must be a document number and its SHA-256");
  ExpectRefused(Declare("reference", "STR-1 abc"), "must be a document number and its SHA-256");
  fixture.Must(Declare("reference", document));
  fixture.Must(Declare("compared", "yes"));
  fixture.Must(Submit("ID", "7.0"));
  ExpectRefused(Declare("reference", "STR-2 " + std::string(64, 'b')),
                "reference decided attempt ID 1");
  ExpectRefused(Declare("compared", "no"), "compared decided attempt ID 1");
}

TEST_F(NamedLots, ADocumentIsNotAskedForWhereItIsNotNeeded) {
  fixture.Must(Declare("compared", "no"));
  fixture.Must(Submit("ID", "7.0"));
}

// Not the cells that the lot names: they qualify its bank all the same.
TEST_F(NamedLots, AFailingOneHoldsItsBanksAndSoBlocksLotsThatNameAnother) {
  AddReleased("WORK", "WCB", "BANK");
  AddReleased("MORE", "EOPC", "WORK");
  fixture.Must(Declare("eopc_lot", "CELLS"));
  fixture.Must(Submit("PH", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  Fail("MORE");
  for (const char* bank : {"BANK", "WORK"}) {
    EXPECT_EQ(Held(bank), std::vector<std::string>{"failing result of lot MORE: PH 6.0"}) << bank;
  }
  for (const char* lot : {"A", "OTHER", "CELLS", "MORE"}) {
    EXPECT_EQ(Held(lot), std::vector<std::string>{}) << lot;
  }
  ExpectRefused(ReleaseOnCondition(), "parent BANK is on hold");
}

TEST_F(NamedLots, AFailingBankOrASampleThatMayBeSpikedHoldsNoBank) {
  Fail("BANK");
  fixture.AddSample("CELLS", "CELLS-S2", "TRAINING");
  v1::SubmitResultRequest request = PhValue("CELLS", "6.0");
  request.set_sample_id("CELLS-S2");
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request));
  EXPECT_EQ(Held("BANK"), std::vector<std::string>{});
}

TEST_F(NamedLots, APositiveHoldsTheBankAndItsLotsAndSaysWhatIsReviewed) {
  fixture.AddLot("B", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "Q");
  fixture.Must(Submit("TERT", "7.7"));
  const std::string found = "TERT 7.7 (review PH, ID before lifting)";
  EXPECT_EQ(Held("A"), std::vector<std::string>{"biosafety event: " + found});
  for (const char* lot : {"BANK", "B", "CELLS"}) {
    EXPECT_EQ(Held(lot), std::vector<std::string>{"biosafety event of lot A: " + found}) << lot;
  }
  EXPECT_EQ(Held("OTHER"), std::vector<std::string>{});
}

}  // namespace
}  // namespace lims::app
