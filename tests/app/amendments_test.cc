// Amending typed values: evidence, second person, reopened review, never across the limit.
#include "app/amendments.h"

#include "app/verify.h"
#include "support/model_files.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class Amendments : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  }

  static v1::AmendResultRequest Request(const std::string& value) {
    auto request = FromText<v1::AmendResultRequest>(
        "lot_id: 'A' panel: 'PH' reason_code: AMENDMENT_REASON_TYPING_ERROR "
        "reason: 'two digits exchanged at the terminal' "
        "evidence { file_name: 'bench.pdf' content: 'pH 7.20' }");
    *request.mutable_entries() = PhValue("A", value).entries();
    return request;
  }
  Result<storage::RecordedAct> Amend(const std::string& value, const std::string& user = "tech1") {
    return fixture.Do(user, "RunService/AmendResult", &AmendResult, Request(value));
  }
  Result<storage::RecordedAct> Confirm(const std::string& user = "tech2", int number = 1) {
    return fixture.DoText<v1::ConfirmAmendmentRequest>(
        user, "RunService/ConfirmAmendment", &ConfirmAmendment,
        "lot_id: 'A' number: " + std::to_string(number));
  }
  Result<storage::RecordedAct> Decline(const std::string& user = "tech2") {
    return fixture.DoText<v1::DeclineAmendmentRequest>(
        user, "RunService/DeclineAmendment", &DeclineAmendment,
        "lot_id: 'A' number: 1 reason: 'the paper says otherwise'");
  }
  v1::GetLotResponse Show() { return fixture.ShowLot("A"); }
  bool Blocked(v1::BlockerKind kind) { return fixture.IsBlocked("A", kind); }
  static void ExpectRefused(const Result<storage::RecordedAct>& act, ErrorReason reason,
                            const std::string& words) {
    ASSERT_FALSE(act);
    EXPECT_EQ(act.error().reason, reason) << act.error().message;
    std::string said = act.error().message;
    for (const Violation& each : act.error().violations) said += each.field + each.description;
    EXPECT_NE(said.find(words), std::string::npos) << said;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(Amendments, KeepOldAndNewAndReopenTheReview) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  EXPECT_FALSE(Blocked(v1::BLOCKER_KIND_NOT_REVIEWED));
  fixture.Must(Amend("7.20"));
  EXPECT_TRUE(Blocked(v1::BLOCKER_KIND_AMENDMENT_OPEN));
  EXPECT_EQ(Show().results(0).value_raw(), "7.02");
  fixture.Must(Confirm());
  EXPECT_FALSE(Blocked(v1::BLOCKER_KIND_AMENDMENT_OPEN));
  EXPECT_TRUE(Blocked(v1::BLOCKER_KIND_NOT_REVIEWED));
  const v1::GetLotResponse lot = Show();
  EXPECT_EQ(lot.results(0).value_raw(), "7.20");
  ASSERT_EQ(lot.amendments_size(), 1);
  const v1::Amendment& amendment = lot.amendments(0);
  EXPECT_EQ(amendment.state(), v1::AMENDMENT_STATE_CONFIRMED);
  EXPECT_EQ(amendment.entries(0).before().value().value(), "7.02");
  EXPECT_EQ(amendment.entries(0).after().value().value(), "7.20");
  EXPECT_EQ(amendment.results_before(0).value_raw(), "7.02");
  EXPECT_EQ(amendment.evidence().size_bytes(), 7);
  EXPECT_EQ(lot.attempts(0).amendments_size(), 1);
  EXPECT_EQ(lot.attempts(0).amenders_size(), 2);
}

TEST_F(Amendments, ReopenTheReviewAlsoWhenTheResultStays) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  v1::AmendResultRequest described = Request("7.02");
  described.mutable_entries(0)->set_description("second electrode");
  fixture.Must(fixture.Do("tech1", "RunService/AmendResult", &AmendResult, described));
  fixture.Must(Confirm());
  EXPECT_EQ(Show().amendments(0).results_before_size(), 0);
  EXPECT_TRUE(Blocked(v1::BLOCKER_KIND_NOT_REVIEWED));
}

TEST_F(Amendments, AreRecomputedFromTheAmendedEntries) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  fixture.Must(Amend("7.20"));
  fixture.Must(Confirm());
  fixture.Close();
  VerifyOptions options;
  options.site_dir = folder.path();
  options.recompute = true;
  const auto report = VerifySite(options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
}

TEST_F(Amendments, NeedASecondPerson) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  fixture.Must(Amend("7.20"));
  ExpectRefused(Confirm("tech1"), ErrorReason::kSegregation, "another person must confirm");
  fixture.Must(Confirm("tech2"));
  ExpectRefused(Confirm("sup1"), ErrorReason::kWrongState, "is CONFIRMED");
}

TEST_F(Amendments, NeitherHideNorMakeAnOutOfSpecificationResult) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  ExpectRefused(Amend("7.9"), ErrorReason::kWrongState, "out of specification after");
  EXPECT_EQ(Show().amendments_size(), 0);
  fixture.AddLot("B", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  fixture.Must(fixture.SubmitPh("B", "7.9"));
  v1::AmendResultRequest request = Request("7.2");
  request.set_lot_id("B");
  ExpectRefused(fixture.Do("tech1", "RunService/AmendResult", &AmendResult, request),
                ErrorReason::kWrongState, "out of specification before");
}

TEST_F(Amendments, ThatAreDeclinedChangeNothing) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(Amend("7.20"));
  ExpectRefused(Amend("7.21", "tech2"), ErrorReason::kWrongState, "waits for PH already");
  fixture.Must(Decline());
  EXPECT_EQ(Show().results(0).value_raw(), "7.02");
  EXPECT_FALSE(Blocked(v1::BLOCKER_KIND_AMENDMENT_OPEN));
  EXPECT_FALSE(Blocked(v1::BLOCKER_KIND_NOT_REVIEWED));
  ExpectRefused(Confirm(), ErrorReason::kWrongState, "is DECLINED");
}

TEST_F(Amendments, BarFromReviewWhoMadeThem) {
  fixture.AddPerson("both", v1::ROLE_LAB_SUPERVISOR);
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  fixture.Must(Amend("7.20"));
  fixture.Must(Confirm("both"));
  ExpectRefused(fixture.SignIntent("both", "review { lot_id: 'A' }"), ErrorReason::kSegregation,
                "amended values");
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
}

TEST_F(Amendments, NeedReasonEvidenceAndAChange) {
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  const auto refused = [&](const std::function<void(v1::AmendResultRequest&)>& change,
                           const std::string& words) {
    v1::AmendResultRequest request = Request("7.20");
    change(request);
    ExpectRefused(fixture.Do("tech1", "RunService/AmendResult", &AmendResult, request),
                  ErrorReason::kInvalidArgument, words);
  };
  refused([](auto& request) { request.clear_reason(); }, "say why");
  refused([](auto& request) { request.clear_reason_code(); }, "reason_code");
  refused([](auto& request) { request.clear_evidence(); }, "evidence");
  refused([](auto& request) { request.mutable_evidence()->set_content(std::string(65537, 'x')); },
          "uploaded first");
  refused(
      [](auto& request) {
        request.mutable_evidence()->clear_content();
        request.mutable_evidence()->set_sha256(std::string(64, '0'));
      },
      "no file with this hash");
  refused([](auto& request) { request.clear_entries(); }, "name the values");
  refused([](auto& request) { request.mutable_entries(0)->set_replicate(2); }, "was not typed");
  refused([](auto& request) { request.mutable_entries()->Add()->CopyFrom(request.entries(0)); },
          "is amended twice");
  refused([](auto& request) { request.mutable_entries(0)->mutable_value()->set_value("7.02"); },
          "typed already");
  refused([](auto& request) { request.mutable_entries(0)->mutable_value()->set_value("1,5"); },
          "entries[0].value");
  refused([](auto& request) { request.mutable_entries(0)->mutable_value()->set_value("72"); },
          "plausib");
  EXPECT_EQ(Show().amendments_size(), 0);
}

// A panel of two lines for lot TWO: PAIR of two values that may lie 0.2 apart, SINGLE of one.
class AmendmentsOfAPanel : public Amendments {
 protected:
  void SetUp() override {
    Amendments::SetUp();
    v1::Method method = PhMethod("PAIR");
    *method.add_outputs() = PhMethod("SINGLE").outputs(0);
    v1::MethodOutput& output = *method.mutable_outputs(0);
    output.set_replicates_min(2);
    output.set_replicates_max(2);
    output.set_spread_rule(v1::SPREAD_RULE_RANGE);
    output.set_spread_max("0.2");
    fixture.AddMethods({method});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-3" date: "2026-01-01" } })");
    const std::string bank = "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }";
    *text.add_lines() = PhLine("PAIR", "number: '1' " + bank);
    *text.add_lines() = PhLine("SINGLE", "number: '2' " + bank);
    text.mutable_lines(1)->set_panel("PAIR");
    text.mutable_lines(1)->set_method_id("M-PAIR");
    fixture.AddSpecification(text);
    fixture.AddLot("TWO", "MCB", "", "Q");
  }

  void Type(const std::string& first, const std::string& second, const std::string& single) {
    v1::SubmitResultRequest typed = PhValue("TWO", first, "PAIR");
    typed.mutable_entries()->Add()->CopyFrom(PhValue("TWO", second, "PAIR").entries(0));
    typed.mutable_entries(1)->set_replicate(2);
    typed.mutable_entries()->Add()->CopyFrom(PhValue("TWO", single, "SINGLE").entries(0));
    fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, typed));
  }
  Result<storage::RecordedAct> AmendFirst(const std::string& value) {
    v1::AmendResultRequest request = Request(value);
    request.set_lot_id("TWO");
    request.set_panel("PAIR");
    request.mutable_entries(0)->set_input("PAIR");
    return fixture.Do("tech1", "RunService/AmendResult", &AmendResult, request);
  }
};

// Two values that lie too far apart are an invalid test, which nobody makes by an amendment.
TEST_F(AmendmentsOfAPanel, MakeNoTestInvalid) {
  Type("7.0", "7.0", "7.0");
  ExpectRefused(AmendFirst("7.3"), ErrorReason::kWrongState,
                "whether a test counts is not amended");
  fixture.Must(AmendFirst("7.1"));
}

TEST_F(AmendmentsOfAPanel, MakeNoInvalidTestCount) {
  Type("7.0", "7.3", "7.0");
  ExpectRefused(AmendFirst("7.2"), ErrorReason::kWrongState,
                "it does not count and is repeated, not amended");
}

TEST_F(AmendmentsOfAPanel, AreMadeBesideALineThatIsOutOfSpecificationAndStays) {
  Type("7.0", "7.0", "6.0");
  fixture.Must(AmendFirst("7.1"));
}

// Typed early, a positive alone answers its line: without it the line has no result at all.
TEST_F(Amendments, TakeNoResultAway) {
  fixture.AddMethods({ReadTextProto<v1::Method>(kSchemas / "methods" / "M-AVA-CULT.textproto")});
  fixture.AddSpecification(FromText<v1::SpecificationText>(
      "product { product_id: 'V' name_en: 'Product' name_zh: '产品' } specification { product_id: "
      "'V' revision: 1 title_en: 'T' title_zh: '标题' basis: 'test' effective_date: '2026-01-02' "
      "paper_approval { document: 'QA-5' date: '2026-01-01' } } " +
      CultureLine("AVA-V", "NO_CPE", "CPE") + CultureLine("HAD", "NO_ADSORPTION", "ADSORPTION")));
  fixture.AddLot("VIRAL", "MCB", "", "V");
  const std::string panel = "lot_id: 'VIRAL' panel: 'AVA-CULT' ";
  const auto red_cells = [](const std::string& code) {
    return "entries { input: 'CHICKEN_4C' replicate: 1 value { value: '" + code + "' } } ";
  };
  std::string setup;
  const std::string inoculated = FormatUtc(fixture.now_us);
  fixture.now_us += TimeUs{3600} * 1'000'000;
  for (const auto& [name, value] :
       {std::pair("inoculation_end", inoculated), std::pair("last_look", FormatUtc(fixture.now_us)),
        std::pair("indicator_cells_qualified", std::string("yes")),
        std::pair("negative_control_healthy", std::string("yes")),
        std::pair("haemadsorption_negative_control_ok", std::string("yes"))}) {
    setup += "setup { name: '" + std::string(name) + "' value: '" + value + "' } ";
  }
  fixture.Must(fixture.DoText<v1::SubmitResultRequest>(
      "tech1", "RunService/SubmitResult", &SubmitResult,
      panel + red_cells("ADSORPTION") + setup +
          "entries { input: 'VERO' replicate: 1 value { value: 'CPE' } description: 'rounded' }"));
  ASSERT_EQ(fixture.ShowLot("VIRAL").results_size(), 2);
  const auto amend = fixture.DoText<v1::AmendResultRequest>(
      "tech1", "RunService/AmendResult", &AmendResult,
      panel + red_cells("NO_ADSORPTION") +
          "reason_code: AMENDMENT_REASON_TYPING_ERROR reason: 'read from another tube' "
          "evidence { file_name: 'bench.pdf' content: 'HAD none' }");
  ExpectRefused(amend, ErrorReason::kWrongState, "would no longer answer HAD");
}

// What was proposed for the newest attempt is confirmed while it is the newest.
TEST_F(Amendments, AreDeclinedWhenANewerAttemptCame) {
  fixture.AddSample("A", "A-S2", "STABILITY");
  v1::SubmitResultRequest early = PhValue("A", "7.02");
  early.set_sample_id("A-S2");
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, early));
  fixture.Must(Amend("7.20"));
  fixture.Must(fixture.SubmitPh("A", "7.1"));  // for release, which is what a panel stands for
  ExpectRefused(Confirm(), ErrorReason::kWrongState, "came after the proposal");
  fixture.Must(Decline());
}

TEST_F(Amendments, AreRefusedForWhatWasNotTypedOrIsDecided) {
  ExpectRefused(Amend("7.20"), ErrorReason::kWrongState, "has no result of PH");
  const auto run = fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-PH' started_time: '2026-02-28T20:00:00Z' "
      "positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
      "sample_id: 'A-S1' }");
  fixture.Must(run);
  ExpectRefused(Amend("7.20"), ErrorReason::kWrongState, "is open in run");
  v1::CreateRunResponse created;
  FillResponse(*run, &created);
  const std::string run_id = "run_id: '" + created.run().run_id() + "' ";
  fixture.Must(fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      run_id + "observed_time: '2026-03-01T00:00:00Z' entries { position: '1' target: 'PH' "
               "value { value: '7.02' unit: '[pH]' } }"));
  fixture.Must(
      fixture.DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun, run_id));
  ExpectRefused(Amend("7.20"), ErrorReason::kWrongState, "was not typed");
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'A' reason: 'bag leaks' }"));
  ExpectRefused(Amend("7.20"), ErrorReason::kWrongState, "is REJECTED");
}

}  // namespace
}  // namespace lims::app
