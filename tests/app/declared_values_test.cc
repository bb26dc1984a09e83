// What is declared with a test decides about it: expiries on the day of its start, the lot's own
// facts about its length, the last look.
#include "support/model_files.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class DeclaredValues : public ::testing::Test {
 protected:
  static constexpr TimeUs kOneHour = TimeUs{3600} * 1'000'000;

  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods(
        {PhMethod(
             "BUF",
             "setup_checks { name: 'buffer_expiry' expiry: true meaning: 'Expiry of buffer' }"),
         PhMethod("TWO",
                  "setup_checks { name: 'observer' text: true analyst: true meaning: 'Second' }"),
         ReadTextProto<v1::Method>(kSchemas / "methods" / "M-STER-R.textproto")});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" } }
      lines { number: "2" line_code: "STER-R" name_en: "Rapid" name_zh: "快速" panel: "STER-R"
        method_id: "M-STER-R" result_kind: RESULT_KIND_OBSERVATION
        criteria { accepted_codes: "NO_GROWTH" }
        codes { code: "NO_GROWTH" text_en: "No growth" text_zh: "无菌生长" }
        codes { code: "GROWTH" text_en: "Growth" text_zh: "有菌生长" }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
        verdict_mode: VERDICT_MODE_JUDGED clause: "9201" source: "test" biosafety: true }
      facts { fact: "fresh_product" type: FACT_TYPE_YES_NO meaning: "Fresh" used_by: "STER-R"
        used_by_lines: "STER-R" })");
    *text.add_lines() =
        PhLine("BUF", "number: '1' gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }");
    *text.add_lines() =
        PhLine("TWO", "number: '3' gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }");
    fixture.AddSpecification(text);
    for (const char* lot : {"A", "B"}) fixture.AddLot(lot, "MCB", "", "Q");
    ASSERT_FALSE(HasFailure());
  }

  static void Declare(v1::SubmitResultRequest* request, const std::string& name,
                      const std::string& value) {
    v1::NamedValue& declared = *request->add_setup();
    declared.set_name(name);
    declared.set_value(value);
  }
  Result<v1::SubmitResultResponse> Submit(const v1::SubmitResultRequest& request) {
    const auto act = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
    if (!act) return act.error();
    v1::SubmitResultResponse response;
    FillResponse(*act, &response);
    return response;
  }
  v1::Outcome OutcomeWith(const std::string& lot, const std::string& started,
                          const std::string& expiry) {
    v1::SubmitResultRequest request = PhValue(lot, "7.0", "BUF");
    request.set_started_time(started);
    Declare(&request, "buffer_expiry", expiry);
    const auto response = Submit(request);
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    return response ? response->attempt().outcome() : v1::OUTCOME_UNSPECIFIED;
  }
  Result<v1::SubmitResultResponse> Bottles(TimeUs loaded, TimeUs last_look) {
    auto request = FromText<v1::SubmitResultRequest>(
        "lot_id: 'A' panel: 'STER-R' "
        "entries { input: 'AEROBIC' replicate: 1 value { value: 'NO_GROWTH' } } "
        "entries { input: 'ANAEROBIC' replicate: 1 value { value: 'NO_GROWTH' } }");
    Declare(&request, "loading_end", FormatUtc(loaded));
    Declare(&request, "last_look", FormatUtc(last_look));
    for (const char* name : {"bottles_ok", "positive_control_ok", "negative_control_aerobic_ok",
                             "negative_control_anaerobic_ok"}) {
      Declare(&request, name, "yes");
    }
    for (const char* bottle : {"aerobic_bottle", "anaerobic_bottle"}) {
      Declare(&request, bottle + std::string("_lot"), "B-1");
      Declare(&request, bottle + std::string("_expiry"), "2035-12");
    }
    return Submit(request);
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

// The site is eight hours ahead of UTC: its February ends at 16:00.
TEST_F(DeclaredValues, AnExpiryIsJudgedOnTheLocalDayOfTheStart) {
  EXPECT_EQ(OutcomeWith("A", "2026-02-28T16:00:00Z", "2026-02"), v1::OUTCOME_INVALID_SETUP);
  EXPECT_EQ(OutcomeWith("A", "2026-02-28T15:59:59Z", "2026-02"), v1::OUTCOME_VALID);
  EXPECT_EQ(OutcomeWith("B", "", "2030-12-31"), v1::OUTCOME_VALID);
}

TEST_F(DeclaredValues, AFreshLotIsReadAfterFortyEightHoursByItsSignedFact) {
  const TimeUs loaded = fixture.now_us - 49 * kOneHour;
  const auto undeclared = Bottles(loaded, loaded + 48 * kOneHour);
  ASSERT_FALSE(undeclared);
  SiteFixture::Must(fixture.SignIntent(
      "qa1",
      "declare_fact { lot_id: 'A' facts { fact: 'fresh_product' value: 'yes' document: 'R-1' } }"));
  const auto early = Bottles(loaded, loaded + 47 * kOneHour);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, ErrorReason::kWrongState);
  // Nor by a look that is still to come.
  EXPECT_FALSE(Bottles(fixture.now_us, fixture.now_us + 48 * kOneHour));
  const auto done = Bottles(loaded, loaded + 48 * kOneHour);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->results_size(), 1);
  EXPECT_EQ(done->results(0).verdict(), v1::VERDICT_PASS);
  // And the fact stays, because the test rests on it.
  EXPECT_FALSE(fixture.SignIntent(
      "qa1",
      "declare_fact { lot_id: 'A' facts { fact: 'fresh_product' value: 'no' document: 'R-2' } }"));
}

// Two observers are two persons, and neither reviews what they saw.
TEST_F(DeclaredValues, ASecondObserverIsAnotherPersonAndAnAnalystToo) {
  const auto submit = [&](const std::string& observer) {
    v1::SubmitResultRequest request = PhValue("A", "7.0", "TWO");
    Declare(&request, "observer", observer);
    return Submit(request);
  };
  for (const auto& [name, says] : {std::pair("nobody", "there is no user nobody"),
                                   std::pair("admin1", "has no role in the laboratory"),
                                   std::pair("tech1", "is another person than the one")}) {
    const auto refused = submit(name);
    ASSERT_FALSE(refused) << name;
    ASSERT_EQ(refused.error().violations.size(), 1u);
    EXPECT_EQ(refused.error().violations[0].field, "setup[0].value");
    EXPECT_NE(refused.error().violations[0].description.find(says), std::string::npos);
  }
  const auto accepted = submit("rev1");
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(fmt::format("{}", fmt::join(accepted->attempt().analysts(), " ")), "rev1 tech1");
  EXPECT_EQ(fmt::format("{}", fmt::join(accepted->run().analysts(), " ")), "rev1 tech1");
  const auto review = fixture.SignIntent("rev1", "review { lot_id: 'A' }");
  ASSERT_FALSE(review);
  EXPECT_EQ(review.error().reason, ErrorReason::kSegregation);
}

}  // namespace
}  // namespace lims::app
