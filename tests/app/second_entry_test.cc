// Values copied from paper or from a contract laboratory: sealed until a second person agrees.
#include "app/second_entry.h"

#include <algorithm>

#include "app/export.h"
#include "app/verify.h"
#include "storage/log.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class SecondEntry : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  }

  static v1::SubmitResultRequest First(const std::string& value) {
    auto request = FromText<v1::SubmitResultRequest>(
        "source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract laboratory' "
        "report_number: 'CL-77' performed_dates: '2026-02-20' } "
        "scan { file_name: 'CL-77.pdf' content: 'scanned' }");
    request.MergeFrom(PhValue("A", value));
    return request;
  }
  Result<storage::RecordedAct> Submit(const v1::SubmitResultRequest& request) {
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  }
  Result<storage::RecordedAct> Reenter(const std::string& value, const std::string& user = "tech2",
                                       const std::string& request_id = "") {
    v1::ReenterResultRequest request;
    request.set_request_id(request_id);
    request.set_lot_id("A");
    request.set_panel("PH");
    *request.mutable_entries() = PhValue("A", value).entries();
    return fixture.Do(user, "RunService/ReenterResult", &ReenterResult, request);
  }
  v1::GetLotResponse Show() { return fixture.ShowLot("A"); }
  std::vector<v1::BlockerKind> Blockers() {
    std::vector<v1::BlockerKind> kinds;
    for (const auto& blocker : fixture.Blockers("A")) kinds.push_back(blocker.kind());
    return kinds;
  }
  std::string LogText() {
    const auto text = fixture.site().store().Read([&](storage::Records& records) {
      return [&]() -> Result<std::string> {
        LIMS_ASSIGN_OR_RETURN(const auto entries, storage::Entries(records.db(), 0, 100000));
        std::string all;
        for (const auto& entry : entries) all += entry.bytes;
        return all;
      }();
    });
    EXPECT_TRUE(text);
    return text ? *text : "";
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(SecondEntry, IsNeededBeforeThereIsAVerdict) {
  fixture.Must(Submit(First("7.1375")));
  EXPECT_EQ(Blockers()[0], v1::BLOCKER_KIND_SECOND_ENTRY_DUE);
  const v1::GetLotResponse waiting = Show();
  EXPECT_EQ(waiting.results_size(), 0);
  ASSERT_EQ(waiting.attempts_size(), 1);
  EXPECT_EQ(waiting.attempts(0).entries_size(), 0);
  EXPECT_EQ(LogText().find("7.1375"), std::string::npos);
  const std::string run_id = waiting.attempts(0).run_id();
  EXPECT_EQ(
      fixture.ShowRun(run_id).attempts(0).entries_size() + fixture.ShowRun(run_id).results_size(),
      0);
  fixture.Must(Reenter("7.1375"));
  EXPECT_EQ(Reenter("7.1375").error().message,
            "no values of PH on lot A wait for a second entry: see what was recorded with lims "
            "result show");
  const v1::GetLotResponse judged = Show();
  ASSERT_EQ(fixture.ShowRun(run_id).results_size(), 1);
  EXPECT_EQ(fixture.ShowRun(run_id).results(0).SerializeAsString(),
            judged.results(0).SerializeAsString());
  ASSERT_EQ(judged.results_size(), 1);
  EXPECT_EQ(judged.results(0).verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(judged.results(0).source(), v1::RESULT_SOURCE_CONTRACT_LAB);
  EXPECT_EQ(judged.attempts(0).reentered_by(), "tech2");
  EXPECT_EQ(judged.attempts(0).analysts_size(), 2);
  EXPECT_EQ(judged.attempts(0).document().file().file_name(), "CL-77.pdf");
  // What expires is compared with the day of the test, not with that of the copy.
  const auto run = fixture.site().store().Read([&](storage::Records& records) {
    return records.Get<v1::Run>({judged.attempts(0).run_id()});
  });
  ASSERT_TRUE(run);
  EXPECT_EQ(run->record.started_time(), "2026-02-20T00:00:00.000+08:00");
  fixture.Close();
  VerifyOptions options;
  options.site_dir = folder.path();
  options.recompute = true;
  const auto report = VerifySite(options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
}

// Who reads the log knows the rest of the request: by its own fingerprint values could be tried.
TEST_F(SecondEntry, CannotBeFoundByTryingTheFingerprintOfTheFirst) {
  auto first = First("7.1375");
  first.set_request_id(NewUuid());
  const auto recorded = Submit(first);
  fixture.Must(recorded);
  const auto own = Fingerprint("lims.v1.RunService/SubmitResult", first);
  ASSERT_TRUE(own);
  EXPECT_EQ(LogText().find(*own), std::string::npos);
  EXPECT_EQ(recorded->events[0].fingerprint().size(), own->size());
  // The request is known by it all the same.
  const auto again = Submit(first);
  fixture.Must(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->first_index, recorded->first_index);
  auto other = First("7.1376");
  other.set_request_id(first.request_id());
  EXPECT_EQ(Submit(other).error().reason, ErrorReason::kRequestIdReused);
}

TEST_F(SecondEntry, CannotBeReadAsSomebodysOwnScan) {
  fixture.Must(Submit(First("7.1375")));
  const v1::RawFile seal = Show().attempts(0).sealed_entries();
  fixture.AddSample("A", "A-S2", "STABILITY");
  auto named = First("7.2");
  named.set_sample_id("A-S2");
  named.mutable_scan()->clear_content();
  named.mutable_scan()->set_sha256(seal.sha256());
  const auto act = fixture.Do("tech2", "RunService/SubmitResult", &SubmitResult, named);
  ASSERT_FALSE(act);
  ASSERT_EQ(act.error().violations.size(), 1U);
  EXPECT_EQ(act.error().violations[0].field, "scan.sha256");
  // A scan that was recorded before is named again.
  named.mutable_scan()->set_sha256(Show().attempts(0).document().file().sha256());
  fixture.Must(fixture.Do("tech2", "RunService/SubmitResult", &SubmitResult, named));
}

// A larger file is no seal, so it is named as a scan without being read.
TEST_F(SecondEntry, IsOfAFirstThatIsNotLargerThanASealMayBe) {
  v1::Attempt typed;
  typed.add_entries()->set_input(std::string(kMaxSealBytes, 'a'));
  const auto act =
      fixture.site().writer().Execute({}, [&](storage::Transaction& tx) -> Result<void> {
        LIMS_RETURN_IF_ERROR(SealEntry(tx, "entries", typed));
        return {};
      });
  ASSERT_FALSE(act);
  ASSERT_EQ(act.error().violations.size(), 1U);
  EXPECT_EQ(act.error().violations[0].field, "entries");
}

TEST_F(SecondEntry, IsInNoBundleWhileTheFirstWaits) {
  fixture.Must(Submit(First("7.1375")));
  const std::string seal = "blobs/" + Show().attempts(0).sealed_entries().sha256();
  const auto exported = [&] {
    v1::ExportLotRequest request;
    request.set_request_id(NewUuid());
    request.set_lot_id("A");
    const auto files =
        ExportLot(fixture.site(), fixture.As("auditor1", "AuditService/ExportLot"), request);
    EXPECT_TRUE(files) << files.error().message;
    return std::any_of(files->begin(), files->end(),
                       [&](const BundleFile& file) { return file.path == seal; });
  };
  EXPECT_FALSE(exported());
  EXPECT_FALSE(Reenter("7.3175"));
  EXPECT_FALSE(exported());
  fixture.Must(Reenter("7.1375"));
  EXPECT_TRUE(exported());
}

TEST_F(SecondEntry, ThatIsNoNumberIsNamedAndNotCounted) {
  fixture.Must(Submit(First("7.1375")));
  const auto typed = Reenter("7,1375");
  ASSERT_FALSE(typed);
  EXPECT_EQ(typed.error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(typed.error().violations[0].field, "entries[0].value");
  EXPECT_EQ(Show().attempts(0).reentries_refused(), 0);
}

TEST_F(SecondEntry, ThatDiffersIsRefusedAndCountedWithoutAWordOfTheFirst) {
  fixture.Must(Submit(First("7.1375")));
  const auto refused = Reenter("7.3175");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(refused.error().message.find("differs from the first"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("7.1375"), std::string::npos);
  EXPECT_TRUE(refused.error().violations.empty());
  EXPECT_EQ(Show().attempts(0).reentries_refused(), 1);
  const std::string log = LogText();
  EXPECT_NE(log.find("ACT_REFUSE_REENTRY"), std::string::npos);
  EXPECT_EQ(log.find("7.1375"), std::string::npos);
  EXPECT_EQ(log.find("7.3175"), std::string::npos);
  EXPECT_EQ(Blockers()[0], v1::BLOCKER_KIND_SECOND_ENTRY_DUE);
  // Digits are compared as typed: another number of places is another entry.
  EXPECT_FALSE(Reenter("7.13750"));
  fixture.Must(Reenter("7.1375"));
}

TEST_F(SecondEntry, ThatDiffersAndIsSentAgainIsRefusedAlikeAndCountedOnce) {
  fixture.Must(Submit(First("7.1")));
  const std::string id = NewUuid();
  const auto refused = Reenter("7.2", "tech2", id);
  ASSERT_FALSE(refused);
  for (const bool judged : {false, true}) {
    if (judged) fixture.Must(Reenter("7.1"));
    const auto again = Reenter("7.2", "tech2", id);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, refused.error().message);
    EXPECT_EQ(Reenter("7.1", "tech2", id).error().reason, ErrorReason::kRequestIdReused);
    EXPECT_EQ(Show().attempts(0).reentries_refused(), 1);
  }
}

// Values of two samples, each copied from a report of its own unless another number is given.
class SecondEntryOfTwo : public SecondEntry {
 protected:
  void CopyBoth(const std::string& second_report = "CL-78") {
    fixture.Must(Submit(First("7.21")));
    fixture.AddSample("A", "A-ST", "STABILITY");
    auto stability = First("6.0");
    stability.set_sample_id("A-ST");
    stability.mutable_document()->set_report_number(second_report);
    fixture.Must(Submit(stability));
    ASSERT_FALSE(HasFailure());
  }
  // `named` is text of the request.
  Result<storage::RecordedAct> ReenterNamed(const std::string& value, const std::string& named) {
    auto request = FromText<v1::ReenterResultRequest>("lot_id: 'A' panel: 'PH' " + named);
    *request.mutable_entries() = PhValue("A", value).entries();
    return fixture.Do("tech2", "RunService/ReenterResult", &ReenterResult, request);
  }
  int Differed() {
    int differed = 0;
    const v1::GetLotResponse lot = Show();
    for (const v1::Attempt& attempt : lot.attempts()) differed += attempt.reentries_refused();
    return differed;
  }
};

TEST_F(SecondEntryOfTwo, IsComparedWithTheReportThatItNames) {
  CopyBoth();
  const auto unnamed = ReenterNamed("7.21", "");
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().reason, ErrorReason::kWrongState);
  for (const char* report : {"CL-77", "CL-78"}) {
    EXPECT_NE(unnamed.error().message.find(report), std::string::npos) << unnamed.error().message;
  }
  const auto unknown = ReenterNamed("7.21", "report_number: 'CL-79'");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("these do"), std::string::npos);
  EXPECT_EQ(Differed(), 0);
  fixture.Must(ReenterNamed("7.21", "report_number: 'CL-77'"));
  EXPECT_EQ(Show().attempts(0).reentered_by(), "tech2");
  // From the one that is done, typed once more: the other is not blamed.
  EXPECT_FALSE(ReenterNamed("7.21", "report_number: 'CL-77'"));
  EXPECT_EQ(Differed(), 0);
  fixture.Must(ReenterNamed("6.0", ""));  // the only one left
  EXPECT_EQ(Show().attempts(1).reentered_by(), "tech2");
}

TEST_F(SecondEntryOfTwo, NamesTheSampleWhereAReportHasSeveral) {
  CopyBoth("CL-77");
  const auto unnamed = ReenterNamed("7.21", "report_number: 'CL-77'");
  ASSERT_FALSE(unnamed);
  EXPECT_NE(unnamed.error().message.find("A-ST"), std::string::npos) << unnamed.error().message;
  EXPECT_EQ(Differed(), 0);
  fixture.Must(ReenterNamed("7.21", "report_number: 'CL-77' sample_id: 'A-S1'"));
  EXPECT_EQ(Show().attempts(0).reentered_by(), "tech2");
}

TEST_F(SecondEntry, IsAnotherPersonsWork) {
  fixture.Must(Submit(First("7.1")));
  EXPECT_EQ(Reenter("7.1", "tech1").error().reason, ErrorReason::kSegregation);
  fixture.Must(Reenter("7.1"));
  EXPECT_EQ(Reenter("7.1").error().reason, ErrorReason::kWrongState);
  EXPECT_FALSE(fixture.SubmitPh("A", "7.1"));
}

TEST_F(SecondEntry, ThatCannotAgreeEndsWithTheSupervisor) {
  fixture.Must(Submit(First("7.1")));
  const std::string run = "run_id: '" + Show().attempts(0).run_id() + "' ";
  const auto submit =
      fixture.DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun, run);
  ASSERT_FALSE(submit);
  EXPECT_NE(submit.error().message.find("lims result second"), std::string::npos);
  EXPECT_FALSE(fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      run + "observed_time: '2026-03-01T00:00:00Z' entries { position: '1' }"));
  fixture.Must(fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                                   run + "reason: 'first entry was wrong'"));
  EXPECT_EQ(Reenter("7.1").error().reason, ErrorReason::kWrongState);
  fixture.Must(Submit(First("7.2")));
  fixture.Must(Reenter("7.2"));
  EXPECT_EQ(Show().results(0).attempt_number(), 2);
}

TEST_F(SecondEntry, OfWhatIsEndedMeanwhileIsMadeAnew) {
  fixture.Must(Submit(First("7.1")));
  v1::ReenterResultRequest request;
  request.set_request_id(NewUuid());
  request.set_lot_id("A");
  request.set_panel("PH");
  *request.mutable_entries() = PhValue("A", "7.1").entries();
  const auto plan =
      ReenterResult(fixture.site(), fixture.As("tech2", "RunService/ReenterResult"), request);
  ASSERT_TRUE(plan);
  fixture.Must(fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun,
      "run_id: '" + Show().attempts(0).run_id() + "' reason: 'report withdrawn'"));
  storage::ActInfo info;
  info.actor.set_user_id("tech2");
  info.act = plan->act;
  info.request_id = request.request_id();
  const auto late = fixture.site().writer().Execute(std::move(info), plan->run);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, ErrorReason::kChanged);
  EXPECT_EQ(Show().results_size(), 0);
}

TEST_F(SecondEntry, OfAFailingValueIsWaitedForBeforeTheFirstIsEnded) {
  fixture.Must(Submit(First("6.5")));
  const std::string run = "run_id: '" + Show().attempts(0).run_id() + "' ";
  const auto abort = [&] {
    return fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                               run + "reason: 'first entry was wrong'");
  };
  const auto refused = abort();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(refused.error().message.find("lims result second"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("6.5"), std::string::npos);
  EXPECT_FALSE(Reenter("7.1"));
  fixture.Must(abort());
}

TEST_F(SecondEntry, IsNotSparedByWhoMadeTheFirst) {
  const auto first = First("7.1");
  fixture.Must(fixture.Do("sup1", "RunService/SubmitResult", &SubmitResult, first));
  const auto refused = fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun,
      "reason: 'first entry was wrong' run_id: '" + Show().attempts(0).run_id() + "'");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kSegregation);
}

TEST_F(SecondEntry, NeedsTheDocumentOfTheFirst) {
  const auto violation = [&](const std::function<void(v1::SubmitResultRequest&)>& change) {
    v1::SubmitResultRequest request = First("7.1");
    change(request);
    const auto act = Submit(request);
    EXPECT_FALSE(act);
    if (act || act.error().violations.empty()) return std::string();
    return act.error().violations[0].field;
  };
  EXPECT_EQ(violation([](auto& r) { r.mutable_document()->clear_issuer(); }), "document.issuer");
  EXPECT_EQ(violation([](auto& r) { r.mutable_document()->set_issuer(std::string(201, 'i')); }),
            "document.issuer");
  EXPECT_EQ(violation([](auto& r) { r.mutable_document()->clear_report_number(); }),
            "document.report_number");
  EXPECT_EQ(violation([](auto& r) { r.mutable_document()->clear_performed_dates(); }),
            "document.performed_dates");
  EXPECT_EQ(violation([](auto& r) { r.mutable_document()->set_performed_dates(0, "2026-02-30"); }),
            "document.performed_dates[0]");
  EXPECT_EQ(violation([](auto& r) { r.mutable_document()->set_performed_dates(0, "2026-03-02"); }),
            "document.performed_dates[0]");
  EXPECT_EQ(violation([](auto& r) { r.clear_scan(); }), "scan");
  EXPECT_EQ(violation([](auto& r) { r.clear_source(); }), "document");
  EXPECT_EQ(violation([](auto& r) { r.set_source(v1::RESULT_SOURCE_INSTRUMENT_FILE); }), "source");
  EXPECT_EQ(Show().attempts_size(), 0);
}

}  // namespace
}  // namespace lims::app
