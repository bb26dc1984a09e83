// The last look at a request's texts, behind what each use case checks of them.
#include "app/call.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/run_service.pb.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

// "field: description", empty when all texts may stand in a record.
std::string ProblemOf(const google::protobuf::Message& request) {
  const Result<void> checked = RequirePlainTexts(request);
  if (checked) return "";
  EXPECT_EQ(checked.error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(checked.error().violations.size(), 1u);
  return checked.error().violations[0].field + ": " + checked.error().violations[0].description;
}

TEST(PlainTexts, AreNamedByTheirPath) {
  const auto start = [](const std::string& text, std::string_view with) {
    return ProblemOf(FromText<v1::CreateRunRequest>(text)).starts_with(with);
  };
  EXPECT_TRUE(start("instrument: 'a\\tb'", "instrument: holds the control character U+0009"));
  EXPECT_TRUE(start("analysts: 'x' analysts: 'y '", "analysts[1]: ends with a blank"));
  EXPECT_TRUE(
      start("uses { amount { unit: '\\u200b' } }", "uses[0].amount.unit: holds the invisi"));
  EXPECT_EQ(ProblemOf(FromText<v1::CreateRunRequest>("instrument: '仪器 1' positions {}")), "");
  v1::CreateRunRequest request;
  request.set_instrument(std::string(4000, 'x'));
  EXPECT_EQ(ProblemOf(request), "");
  request.set_instrument(std::string(4001, 'x'));
  EXPECT_EQ(ProblemOf(request), "instrument: is 4001 bytes long; at most 4000 are kept");
}

TEST(PlainTexts, AreNeitherSecretsNorDocuments) {
  EXPECT_EQ(ProblemOf(FromText<v1::SignRequest>("manifest: '{\\n}' password: ' a\\tb'")), "");
  EXPECT_EQ(ProblemOf(FromText<v1::EnrolTerminalRequest>("certificate_request_pem: 'a\\nb\\n'")),
            "");
  EXPECT_NE(ProblemOf(FromText<v1::SignRequest>("comment: 'a\\tb'")), "");
}

TEST(PlainTexts, AreCheckedBehindThePlansOwnRules) {
  TemporaryFolder folder;
  SiteFixture fixture(folder.path());
  const auto outcome = [&](const std::string& instrument, Result<void> of_plan) {
    v1::CreateRunRequest request;
    request.set_instrument(instrument);
    Plan plan;
    plan.run = [of_plan](storage::Transaction&) { return of_plan; };
    plan = WithPlainTexts(std::move(plan), request);
    const auto act = fixture.site().writer().Execute({}, plan.run);
    return act ? "" : act.error().violations.at(0).field;
  };
  EXPECT_EQ(outcome("QS7", {}), "");
  EXPECT_EQ(outcome("QS7 ", {}), "instrument");
  EXPECT_EQ(outcome("QS7 ", InvalidArgument("positions", "none")), "positions");
}

}  // namespace
}  // namespace lims::app
