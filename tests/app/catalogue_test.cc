// What an approver of a method or specification answers for is what the server holds.
#include "app/catalogue.h"

#include "support/model_files.h"
#include "support/refusal.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

class Catalogue : public ::testing::Test {
 protected:
  Catalogue() { fixture.Prepare(); }

  // A draft of the method, with this limit of a setup value; with an etag in place of that one.
  Result<storage::RecordedAct> Import(const std::string& slope_min, const std::string& named,
                                      std::int64_t etag = 0, const std::string& user = "md1") {
    v1::ImportMethodRequest request;
    request.set_etag(etag);
    *request.mutable_method() =
        PhMethod("M2", "setup_checks { name: 'slope' min: '" + slope_min + "' meaning: 'Slope' }");
    request.set_text_sha256(named);
    return fixture.Do(user, "CatalogueService/ImportMethod", &ImportMethod, request);
  }
  v1::Method Method() {
    return fixture.site()
        .store()
        .Read([](storage::Records& records) {
          return records.Get<v1::Method>({"M-M2", 1});
        })
        ->record;
  }
  // As lims method show prints it.
  std::int64_t Etag() {
    v1::GetMethodRequest request;
    request.set_method_id("M-M2");
    const auto shown = fixture.site().store().Read(
        [&](storage::Records& records) { return GetMethod(fixture.site(), records, request); });
    EXPECT_TRUE(shown) << shown.error().message;
    return shown ? shown->etag() : 0;
  }
  v1::Manifest Prepared(const std::string& intent) {
    v1::PrepareSignatureRequest request;
    *request.mutable_intent() = FromText<v1::Intent>(intent);
    const auto prepared = PrepareSignature(
        fixture.site(), fixture.As("qa1", "SignatureService/PrepareSignature"), request);
    EXPECT_TRUE(prepared) << prepared.error().message;
    v1::Manifest manifest;
    if (prepared) {
      EXPECT_TRUE(tlog::ParseCanonicalJson(prepared->manifest(), &manifest));
    }
    return manifest;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(Catalogue, TheHashOfAMethodIsTheServersWhateverTheDrafterNames) {
  const std::string named(64, '0');
  fixture.Must(Import("95", named));
  const v1::Method draft = Method();
  EXPECT_EQ(draft.text_sha256().size(), 64u);
  EXPECT_NE(draft.text_sha256(), named);
  EXPECT_EQ(draft.text_sha256(), TextSha256(draft));
  fixture.Must(Import("96", draft.text_sha256(), Etag()));
  EXPECT_NE(Method().text_sha256(), draft.text_sha256());
}

TEST_F(Catalogue, ADraftIsReplacedByWhoHasSeenIt) {
  fixture.AddPerson("md2", v1::ROLE_MASTER_DATA);
  fixture.Must(Import("95", ""));
  const std::int64_t first = Etag();
  const auto expect_refused = [&](std::int64_t etag, const std::string& user,
                                  const std::string& drafter) {
    const v1::Method before = Method();
    const auto refused = Import("96", "", etag, user);
    ASSERT_FALSE(refused) << etag << " " << user;
    EXPECT_EQ(refused.error().reason, ErrorReason::kChanged);
    const std::string& message = refused.error().message;
    EXPECT_NE(message.find("M-M2/1 is a draft that " + drafter + " imported at 20"),
              std::string::npos)
        << message;
    EXPECT_NE(message.find("replace it with --etag " + std::to_string(Etag())), std::string::npos)
        << message;
    ASSERT_EQ(refused.error().violations.size(), 1u);
    EXPECT_EQ(refused.error().violations[0].field, "etag");
    EXPECT_EQ(Method().SerializeAsString(), before.SerializeAsString());
  };
  expect_refused(0, "md2", "md1");
  expect_refused(0, "md1", "md1");  // one's own draft may be older than one remembers
  expect_refused(first + 1, "md1", "md1");
  fixture.Must(Import("97", "", first, "md2"));
  EXPECT_EQ(Method().author(), "md2");
  EXPECT_GT(Etag(), first);
  expect_refused(first, "md1", "md2");
  fixture.Must(Import("98", "", Etag(), "md1"));
  EXPECT_EQ(Method().author(), "md1");
}

TEST_F(Catalogue, TheEtagOfADraftThatIsNotThereIsRefused) {
  const auto refused = Import("95", "", 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(refused.error().violations.at(0).field, "etag");
}

TEST_F(Catalogue, TheApproverIsShownTheHashAndTheLimitsOfAMethod) {
  fixture.Must(Import("95", ""));
  fixture.Must(fixture.DoText<v1::SubmitMethodRequest>(
      "md1", "CatalogueService/SubmitMethod", &SubmitMethod, "method_id: 'M-M2' version: 1"));
  const std::string intent = "approve_method { methods { method_id: 'M-M2' version: 1 } }";
  const v1::Manifest manifest = Prepared(intent);
  ASSERT_EQ(manifest.shown_size(), 1);
  const std::string& text = manifest.shown(0).text();
  EXPECT_NE(text.find(Method().text_sha256()), std::string::npos) << text;
  EXPECT_NE(text.find("setup slope >= 95"), std::string::npos) << text;
  EXPECT_NE(text.find(", panel M2, calculator "), std::string::npos) << text;
  fixture.Must(fixture.SignIntent("qa1", intent));
  EXPECT_EQ(Method().state(), v1::VERSION_STATE_APPROVED);
  EXPECT_EQ(Method().text_sha256(), TextSha256(Method()));
}

TEST_F(Catalogue, EveryVersionOfAMethodIsOfOnePanel) {
  v1::Method method = PhMethod("M2");
  const auto import = [&] {
    v1::ImportMethodRequest request;
    *request.mutable_method() = method;
    if (method.version() == 1) request.set_etag(Etag());
    return fixture.Do("md1", "CatalogueService/ImportMethod", &ImportMethod, request);
  };
  fixture.Must(Import("95", ""));
  method.set_panel("OTHER");
  fixture.Must(import());  // a first draft is replaced as a whole
  method.set_version(2);
  method.clear_paper_approval();
  method.set_effective_date("2026-03-01");
  method.set_panel("M2");
  const auto refused = import();
  EXPECT_EQ(Words(refused),
            "method.panel: every version of M-M2 is of panel OTHER: give a method of another panel "
            "its own id");
  method.set_panel("OTHER");
  fixture.Must(import());
}

TEST_F(Catalogue, AFirstVersionMayBeInForceByItsApprovalOnPaperAlone) {
  v1::Method method = PhMethod("M2");
  method.clear_effective_date();
  fixture.AddMethods({method});
  EXPECT_EQ(Method().state(), v1::VERSION_STATE_APPROVED);
}

TEST_F(Catalogue, NothingIsInForceBeforeItsApproval) {
  v1::Method method = PhMethod("M2");
  method.set_effective_date("2025-12-31");  // approved on paper on the next day
  fixture.HandInMethod("md1", method);
  const auto early =
      fixture.SignIntent("qa1", "approve_method { methods { method_id: 'M-M2' version: 1 } }");
  EXPECT_EQ(Fields(early), std::vector<std::string>{"intent.approve_method.methods[0]"});
  EXPECT_NE(Words(early).find("2025-12-31 lies before the approval of 2026-01-01"),
            std::string::npos)
      << Words(early);
}

TEST_F(Catalogue, TheApproverIsShownWhatAControlSpeaksOf) {
  v1::ImportMethodRequest request;
  *request.mutable_method() =
      ReadTextProto<v1::Method>(kSchemas / "methods" / "M-MYCO-C.textproto");
  fixture.Must(fixture.Do("md1", "CatalogueService/ImportMethod", &ImportMethod, request));
  fixture.Must(fixture.DoText<v1::SubmitMethodRequest>(
      "md1", "CatalogueService/SubmitMethod", &SubmitMethod, "method_id: 'M-MYCO-C' version: 1"));
  const std::string text =
      Prepared("approve_method { methods { method_id: 'M-MYCO-C' version: 1 } }").shown(0).text();
  EXPECT_NE(text.find("setup culture_negative_control_ok one of yes for CULTURE; setup"),
            std::string::npos)
      << text;
}

// Imported by an earlier build, which took whatever hash was named.
TEST_F(Catalogue, AnOlderDraftIsApprovedUnderTheHashOfItsContent) {
  fixture.Must(Import("95", ""));
  v1::Method old = Method();
  old.set_state(v1::VERSION_STATE_SUBMITTED);
  old.set_text_sha256(std::string(64, '0'));
  ASSERT_TRUE(fixture.site().writer().Execute({}, [&](storage::Transaction& tx) -> Result<void> {
    tx.Put(old);
    return {};
  }));
  const std::string intent = "approve_method { methods { method_id: 'M-M2' version: 1 } }";
  EXPECT_NE(Prepared(intent).shown(0).text().find(TextSha256(old)), std::string::npos);
  fixture.Must(fixture.SignIntent("qa1", intent));
  EXPECT_EQ(Method().text_sha256(), TextSha256(old));
}

TEST_F(Catalogue, TheApproverIsShownEveryLineOfASpecificationWithItsLimit) {
  const auto text = [&] {
    return *fixture.site().store().Read(
        [](storage::Records& records) { return LoadSpecification(records, "P", 2); });
  };
  v1::ImportSpecificationRequest request;
  *request.mutable_text() = *fixture.site().store().Read(
      [](storage::Records& records) { return LoadSpecification(records, "P", 1); });
  v1::Specification& head = *request.mutable_text()->mutable_specification();
  head.set_revision(2);
  for (v1::SpecificationLine& line : *request.mutable_text()->mutable_lines()) line.set_revision(2);
  for (auto& line : *request.mutable_text()->mutable_attestations()) line.set_revision(2);
  head.clear_paper_approval();
  head.set_effective_date("2026-03-02");
  v1::SpecificationLine& conditional = *request.mutable_text()->mutable_lines(0);
  conditional.set_unit_printed("pH");
  conditional.set_alert_below("7.0");
  conditional.set_possible_max("14.0");
  conditional.mutable_applicability()->set_fact("fresh_product");
  conditional.mutable_applicability()->set_value("yes");
  *request.mutable_text()->add_facts() = FromText<v1::FactDefinition>(
      "fact: 'fresh_product' type: FACT_TYPE_YES_NO meaning: 'not frozen' used_by_lines: 'PH'");
  request.set_text_sha256(std::string(64, '0'));
  fixture.Must(
      fixture.Do("md1", "CatalogueService/ImportSpecification", &ImportSpecification, request));
  fixture.Must(fixture.DoText<v1::SubmitSpecificationRequest>(
      "md1", "CatalogueService/SubmitSpecification", &SubmitSpecification,
      "product_id: 'P' revision: 2"));
  const std::string hash = text().specification().text_sha256();
  EXPECT_EQ(hash, TextSha256(text()));
  EXPECT_NE(hash, request.text_sha256());
  const std::string intent = "approve_specification { product_id: 'P' revision: 2 }";
  const v1::Manifest manifest = Prepared(intent);
  ASSERT_EQ(manifest.shown_size(), 1 + text().lines_size());
  EXPECT_NE(manifest.shown(0).text().find(hash), std::string::npos);
  EXPECT_EQ(manifest.shown(1).record(), "specification_line/P/2/PH");
  EXPECT_EQ(manifest.shown(1).text(),
            "1 PH: >= 6.8 and <= 7.6 pH (unit code [pH]), decimals 1 CHP_HALF_EVEN_ROUNDED, "
            "alert below 7.0, plausible 4.0 to 10.0, possible up to 14.0, only if "
            "fresh_product = yes, by M-PH, for S2 BANK");
  fixture.Must(fixture.SignIntent("qa1", intent));
  EXPECT_EQ(text().specification().state(), v1::VERSION_STATE_APPROVED);
  EXPECT_EQ(text().specification().text_sha256(), hash);
  // One limit is another content.
  v1::SpecificationText changed = text();
  changed.mutable_lines(0)->mutable_criteria(0)->mutable_upper()->set_value("7.7");
  EXPECT_NE(TextSha256(changed), hash);
}

// Domain case 12: the specification changes between the test of a lot and its release.
TEST_F(Catalogue, ALotKeepsTheRevisionThatItWasRegisteredUnder) {
  fixture.AddLot("OLD", "MCB");
  v1::SpecificationText text = *fixture.site().store().Read(
      [](storage::Records& records) { return LoadSpecification(records, "P", 1); });
  v1::Specification& head = *text.mutable_specification();
  head.set_revision(2);
  head.clear_paper_approval();
  head.set_effective_date("2026-03-02");
  for (v1::SpecificationLine& line : *text.mutable_lines()) {
    line.set_revision(2);
    line.mutable_criteria(0)->mutable_upper()->set_value("7.3");
  }
  for (auto& line : *text.mutable_attestations()) line.set_revision(2);
  for (auto& fact : *text.mutable_facts()) fact.set_revision(2);
  fixture.AddSpecification(text);
  const auto states = [&] {
    const auto answer = fixture.site().store().Read([&](storage::Records& records) {
      return ListSpecifications(fixture.site(), records, v1::ListSpecificationsRequest());
    });
    std::vector<v1::VersionState> found;
    for (const auto& each : answer->specifications()) found.push_back(each.state());
    return found;
  };
  EXPECT_EQ(states(), (std::vector{v1::VERSION_STATE_APPROVED, v1::VERSION_STATE_APPROVED}));
  fixture.now_us += 10 * kDay;
  EXPECT_EQ(states(), (std::vector{v1::VERSION_STATE_SUPERSEDED, v1::VERSION_STATE_APPROVED}));
  EXPECT_EQ(fixture.Lot("OLD").specification_revision(), 1);
  fixture.Must(fixture.SubmitPh("OLD", "7.5"));
  fixture.AddLot("NEW", "MCB");
  const auto verdict = [&](const std::string& lot) {
    return fixture.site()
        .store()
        .Read([&](storage::Records& records) {
          return records.Get<v1::Result>({lot, "PH", 1});
        })
        ->record.verdict();
  };
  EXPECT_EQ(verdict("OLD"), v1::VERDICT_PASS);
  EXPECT_EQ(fixture.Lot("NEW").specification_revision(), 1);  // made before revision 2 was in force
  fixture.Must(fixture.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &RegisterLot,
      "lot_id: 'LATE' manufacture_time: '2026-03-05T08:00:00+08:00' kind: LOT_KIND_MCB "
      "product_id: 'P' expiry: '2027-02'"));
  EXPECT_EQ(fixture.Lot("LATE").specification_revision(), 2);
}

}  // namespace
}  // namespace lims::app
