// A contract laboratory's report stands for a run of a method that reads instrument files.
#include "app/amendments.h"
#include "app/recompute.h"
#include "app/second_entry.h"
#include "app/typed_results.h"
#include "app/virus_plate_fixture.h"

namespace lims::app {
namespace {

class LinesWithoutReport : public VirusPanelSite {
 protected:
  static v1::SubmitResultRequest Report(const std::string& lot, const std::string& hbv,
                                        const std::string& hpv) {
    auto request = FromText<v1::SubmitResultRequest>(
        "panel: 'V' source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract laboratory' "
        "report_number: 'CL-78' performed_dates: '2026-02-20' } "
        "scan { file_name: 'CL-78.pdf' content: 'scanned' } "
        "entries { input: 'V-HBV' replicate: 1 } entries { input: 'V-HPV' replicate: 1 }");
    request.set_lot_id(lot);
    request.mutable_entries(0)->mutable_value()->set_value(hbv);
    request.mutable_entries(1)->mutable_value()->set_value(hpv);
    return request;
  }
  Result<storage::RecordedAct> First(const v1::SubmitResultRequest& request) {
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  }
  Result<storage::RecordedAct> Second(const v1::SubmitResultRequest& first) {
    v1::ReenterResultRequest request;
    request.set_lot_id(first.lot_id());
    request.set_panel(first.panel());
    *request.mutable_entries() = first.entries();
    return fixture.Do("tech2", "RunService/ReenterResult", &ReenterResult, request);
  }
  void Enter(const v1::SubmitResultRequest& report) {
    SiteFixture::Must(First(report));
    SiteFixture::Must(Second(report));
  }

  // "LINE verdict value" of an attempt of lot A.
  Texts Judged(int attempt) {
    Texts lines;
    for (const v1::Result& result : List<v1::Result>("A")) {
      if (result.attempt_number() != attempt) continue;
      lines.push_back(result.line_code() + " " + v1::Verdict_Name(result.verdict()).substr(8) +
                      " " + result.value_reported());
    }
    return lines;
  }
  Texts Held() {
    Texts held;
    for (const char* lot : {"A", "B", "BANK"}) {
      for (const v1::Hold& hold : List<v1::Hold>(lot)) {
        held.push_back(std::string(lot) + ": " + hold.reason());
      }
    }
    return held;
  }
  void ExpectRecomputed(std::int64_t expected) {
    std::int64_t results = 0;
    const auto differing = fixture.site().store().Read(
        [&](storage::Records& records) { return RecomputeAll(records, &results); });
    ASSERT_TRUE(differing);
    EXPECT_EQ(*differing, Texts{});
    EXPECT_EQ(results, expected);
  }
};

class ReportedLines : public LinesWithoutReport {
 protected:
  std::string MoreOfMethod() const override { return "lines_from_report: true "; }
};

TEST_F(ReportedLines, AreJudgedWhenTheSecondEntryAgrees) {
  const auto report = Report("A", "NEGATIVE", "NEGATIVE");
  SiteFixture::Must(First(report));
  EXPECT_EQ(Judged(1), Texts{});
  EXPECT_EQ(Blockers("A", "SECOND_ENTRY_DUE").size(), 2u);
  SiteFixture::Must(Second(report));
  EXPECT_EQ(Judged(1), (Texts{"V-HBV PASS NEGATIVE", "V-HPV PASS NEGATIVE"}));
  EXPECT_EQ(Stored<v1::Result>({"A", "V-HBV", 1}).source(), v1::RESULT_SOURCE_CONTRACT_LAB);
  const v1::Attempt attempt = Attempt("A", 1);
  EXPECT_EQ(attempt.source(), v1::RESULT_SOURCE_CONTRACT_LAB);
  EXPECT_EQ(attempt.document().report_number(), "CL-78");
  EXPECT_EQ(attempt.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Stored<v1::Run>({attempt.run_id()}).assay(), "reported");
  EXPECT_EQ(Blockers("A", "SECOND_ENTRY_DUE NOT_TESTED REPEAT_DUE"), Texts{});
  EXPECT_EQ(Held(), Texts{});
  ExpectRecomputed(2);
}

TEST_F(ReportedLines, SecondEntryThatDiffersIsRefused) {
  SiteFixture::Must(First(Report("A", "NEGATIVE", "NEGATIVE")));
  const auto refused = Second(Report("A", "NEGATIVE", "POSITIVE"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("differs from the first"), std::string::npos);
  EXPECT_EQ(Judged(1), Texts{});
  SiteFixture::Must(Second(Report("A", "NEGATIVE", "NEGATIVE")));
}

TEST_F(ReportedLines, AreNamedByFieldWhereTheyAreNone) {
  struct Case {
    void (*change)(v1::SubmitResultRequest& report);
    Texts fields;
  };
  const Case cases[] = {
      {[](auto& r) { r.mutable_entries()->RemoveLast(); }, {"entries"}},
      {[](auto& r) { r.mutable_entries(1)->set_input("HPV"); }, {"entries[1].input", "entries"}},
      {[](auto& r) { r.mutable_entries(1)->mutable_value()->set_unit("[pH]"); },
       {"entries[1].unit"}},
      {[](auto& r) { r.mutable_entries(1)->mutable_value()->set_value("NOT_DETECTED"); },
       {"entries[1].value"}},
      {[](auto& r) { r.add_setup()->set_name("extraction_batch"); }, {"setup[0].name"}},
  };
  for (const Case& each : cases) {
    auto report = Report("A", "NEGATIVE", "NEGATIVE");
    each.change(report);
    const auto refused = First(report);
    ASSERT_FALSE(refused);
    Texts fields;
    for (const Violation& violation : refused.error().violations) fields.push_back(violation.field);
    EXPECT_EQ(fields, each.fields);
  }
}

TEST_F(ReportedLines, PositiveHoldsEverythingOfTheBankAndIsNotAborted) {
  const auto report = Report("A", "POSITIVE", "NEGATIVE");
  SiteFixture::Must(First(report));
  EXPECT_EQ(Held(), Texts{});
  const auto aborted = fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun,
      "reason: 'first entry was wrong' run_id: '" + Attempt("A", 1).run_id() + "'");
  ASSERT_FALSE(aborted);
  EXPECT_EQ(aborted.error().reason, ErrorReason::kWrongState);
  SiteFixture::Must(Second(report));
  EXPECT_EQ(Judged(1), (Texts{"V-HBV OOS_SUSPECTED POSITIVE", "V-HPV PASS NEGATIVE"}));
  EXPECT_EQ(Held(), (Texts{"A: biosafety event: V-HBV POSITIVE",
                           "B: biosafety event of lot A: V-HBV POSITIVE",
                           "BANK: biosafety event of lot A: V-HBV POSITIVE"}));
}

TEST_F(ReportedLines, IndeterminateTwiceIsPositiveAsInARun) {
  Enter(Report("A", "INDETERMINATE", "NEGATIVE"));
  EXPECT_EQ(Judged(1), (Texts{"V-HBV INCONCLUSIVE INDETERMINATE", "V-HPV PASS NEGATIVE"}));
  EXPECT_EQ(Attempt("A", 1).repeat_because(), "V-HBV: INDETERMINATE was reported");
  EXPECT_EQ(Held(), Texts{});
  Enter(Report("A", "INDETERMINATE", "NEGATIVE"));
  EXPECT_EQ(Attempt("A", 2).kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Judged(2), (Texts{"V-HBV OOS_SUSPECTED POSITIVE", "V-HPV PASS NEGATIVE"}));
  EXPECT_EQ(Stored<v1::Result>({"A", "V-HBV", 2}).individuals(0), "INDETERMINATE");
  EXPECT_EQ(Held().size(), 3u);
  ExpectRecomputed(4);
}

TEST_F(ReportedLines, ReportAndRunRepeatEachOther) {
  Enter(Report("A", "INDETERMINATE", "NEGATIVE"));
  Play(PlateOf({"A-S1"}, 3));
  EXPECT_EQ(Attempt("A", 2).kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Judged(2), (Texts{"V-HBV PASS NEGATIVE", "V-HPV PASS NEGATIVE"}));

  VirusPlate plate = PlateOf({"B-S1"});
  plate.Add("SAMPLE", "B-S1", "HBV", "37.0");
  Play(plate);
  Enter(Report("B", "NEGATIVE", "NEGATIVE"));
  EXPECT_EQ(Attempt("B", 2).kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Attempt("B", 2).source(), v1::RESULT_SOURCE_CONTRACT_LAB);
  for (const char* lot : {"A", "B"}) {
    EXPECT_EQ(Blockers(lot, "INCONCLUSIVE REPEAT_DUE REPEATS_EXHAUSTED"), Texts{});
  }
  EXPECT_FALSE(First(Report("B", "NEGATIVE", "NEGATIVE")));
  ExpectRecomputed(8);
}

TEST_F(ReportedLines, AreAmendedByLine) {
  Enter(Report("A", "NEGATIVE", "INDETERMINATE"));
  const std::string amendment =
      "lot_id: 'A' panel: 'V' reason_code: AMENDMENT_REASON_TYPING_ERROR reason: 'read again' "
      "evidence { file_name: 'CL-78.pdf' content: 'scanned' } entries { replicate: 1 ";
  const auto amend = [&](const std::string& entry) {
    return fixture.DoText<v1::AmendResultRequest>("tech1", "RunService/AmendResult", &AmendResult,
                                                  amendment + entry + " }");
  };
  EXPECT_FALSE(amend("input: 'HPV' value { value: 'NEGATIVE' }"));
  EXPECT_FALSE(amend("input: 'V-HPV' value { value: 'NOT_DETECTED' }"));
  SiteFixture::Must(amend("input: 'V-HPV' value { value: 'NEGATIVE' }"));
  SiteFixture::Must(fixture.DoText<v1::ConfirmAmendmentRequest>(
      "tech2", "RunService/ConfirmAmendment", &ConfirmAmendment, "lot_id: 'A' number: 1"));
  EXPECT_EQ(Judged(1), (Texts{"V-HBV PASS NEGATIVE", "V-HPV PASS NEGATIVE"}));
  EXPECT_EQ(Attempt("A", 1).repeat_because(), "");
  ExpectRecomputed(2);
}

TEST_F(ReportedLines, AreNotTypedWithoutADocument) {
  auto report = Report("A", "NEGATIVE", "NEGATIVE");
  report.clear_source();
  report.clear_document();
  report.clear_scan();
  const auto refused = First(report);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().violations.size(), 1u);
  EXPECT_EQ(refused.error().violations[0].field, "panel");
  EXPECT_NE(refused.error().violations[0].description.find("--source CONTRACT_LAB"),
            std::string::npos);
}

TEST_F(ReportedLines, AreNotTakenFromOwnPaper) {
  auto report = Report("A", "NEGATIVE", "NEGATIVE");
  report.set_source(v1::RESULT_SOURCE_TRANSCRIBED_PAPER);
  const auto refused = First(report);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "panel");
}

TEST_F(LinesWithoutReport, AreRefusedWhereTheMethodDoesNotSayThatTheyMayBeReported) {
  const auto refused = First(Report("A", "NEGATIVE", "NEGATIVE"));
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().violations.size(), 1u);
  EXPECT_EQ(refused.error().violations[0].field, "panel");
  EXPECT_NE(refused.error().violations[0].description.find("takes no report"), std::string::npos);
}

TEST(UnreportedLines, AreThoseThatAFactMakesApply) {
  const auto text = FromText<v1::SpecificationText>(
      "lines { line_code: 'V-HBV' } "
      "lines { line_code: 'V-RCV' applicability { fact: 'gene_modified' value: 'yes' } }");
  const auto method =
      FromText<v1::Method>("outputs { line_code: 'V-HBV' } outputs { line_code: 'V-RCV' }");
  google::protobuf::RepeatedPtrField<v1::TypedEntry> entries;
  entries.Add()->set_input("V-HBV");
  v1::NamedValue fact;
  fact.set_name("gene_modified");
  fact.set_value("no");
  EXPECT_TRUE(UnreportedLines(method, text, {fact}, entries).empty());
  fact.set_value("yes");
  const auto unreported = UnreportedLines(method, text, {fact}, entries);
  ASSERT_EQ(unreported.size(), 1u);
  EXPECT_EQ(unreported[0].field, "entries");
  EXPECT_EQ(unreported[0].description, "V-RCV is missing: it applies, as gene_modified is yes");
  entries.Add()->set_input("V-RCV");
  EXPECT_TRUE(UnreportedLines(method, text, {fact}, entries).empty());
}

}  // namespace
}  // namespace lims::app
