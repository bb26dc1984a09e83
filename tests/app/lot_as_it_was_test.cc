// A lot as it stood at a log index: what came later is not told, what changed since reads as it
// was.
#include "app/external_certificates.h"
#include "storage/log.h"
#include "support/every_record.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class LotAsItWas : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  }

  Result<v1::GetLotResponse> At(const std::string& lot, std::int64_t index) {
    v1::GetLotRequest request;
    request.set_lot_id(lot);
    request.set_at_index(index);
    return fixture.site().store().Read(
        [&](storage::Records& records) { return GetLot(fixture.site(), records, request); });
  }
  v1::GetLotResponse Show(const std::string& lot) { return fixture.ShowLot(lot); }
  // The log index of the last event of the lot's records.
  std::int64_t Now(const std::string& lot) { return Show(lot).etag(); }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(LotAsItWas, TellsEachMomentOfTheWayToItsRelease) {
  const std::int64_t sampled = Now("A");
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  const std::int64_t tested = Now("A");
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent(
      "qa1", "attest { lot_id: 'A' attestations { code: 'BPR' document: 'B-1' } }"));
  fixture.Must(fixture.SignIntent("qp1", "release { lot_id: 'A' decision: DECISION_RELEASE }"));
  const std::int64_t released = Now("A");

  const auto then = At("A", sampled);
  ASSERT_TRUE(then) << then.error().message;
  EXPECT_EQ(then->etag(), sampled);
  EXPECT_EQ(then->lot().disposition(), v1::DISPOSITION_QUARANTINE);
  ASSERT_EQ(then->samples_size(), 1);
  EXPECT_EQ(then->samples(0).state(), v1::SAMPLE_STATE_RECEIVED);
  EXPECT_EQ(then->attempts_size() + then->results_size() + then->reviews_size() +
                then->attestations_size() + then->decisions_size(),
            0);
  // The same until the next event of the lot.
  EXPECT_EQ(At("A", tested - 1)->SerializeAsString(), then->SerializeAsString());

  const auto after_test = At("A", tested);
  ASSERT_TRUE(after_test);
  ASSERT_EQ(after_test->results_size(), 1);
  EXPECT_EQ(after_test->results(0).value_reported(), "7.2");
  EXPECT_EQ(after_test->attempts_size(), 1);
  EXPECT_EQ(after_test->reviews_size() + after_test->attestations_size(), 0);

  const auto in_the_end = At("A", released);
  ASSERT_TRUE(in_the_end);
  EXPECT_EQ(in_the_end->lot().disposition(), v1::DISPOSITION_RELEASED);
  EXPECT_EQ(in_the_end->SerializeAsString(), Show("A").SerializeAsString());
}

TEST_F(LotAsItWas, TellsWhatASignerRemarkedAndSoDoesTheTextOfItsRelease) {
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  const std::int64_t reviewed = Now("A");
  EXPECT_EQ(Show("A").comments_size(), 0);

  const auto prepare = [&](const std::string& user, const std::string& intent) {
    const auto prepared =
        PrepareSignature(fixture.site(), fixture.As(user, "SignatureService/PrepareSignature"),
                         FromText<v1::PrepareSignatureRequest>("intent { " + intent + " }"));
    EXPECT_TRUE(prepared) << prepared.error().message;
    return prepared ? prepared->manifest() : "";
  };
  v1::SignRequest sign;
  sign.set_manifest(
      prepare("qa1", "attest { lot_id: 'A' attestations { code: 'BPR' document: 'B-1' } }"));
  sign.set_user_id("qa1");
  sign.set_password(kPassword);
  sign.set_comment("page 3 is a copy");
  fixture.Must(fixture.Do("qa1", "SignatureService/Sign", &Sign, sign));

  const v1::GetLotResponse lot = Show("A");
  ASSERT_EQ(lot.comments_size(), 1);
  EXPECT_EQ(lot.comments(0).signature_id(), lot.attestations(0).signature_id());
  EXPECT_EQ(lot.comments(0).user_id(), "qa1");
  EXPECT_EQ(lot.comments(0).meaning(), v1::MEANING_ATTEST);
  EXPECT_EQ(lot.comments(0).comment(), "page 3 is a copy");
  EXPECT_EQ(At("A", lot.etag())->comments_size(), 1);
  EXPECT_EQ(At("A", reviewed)->comments_size(), 0);
  const std::string release = "release { lot_id: 'A' decision: DECISION_RELEASE }";
  const std::string manifest = prepare("qp1", release);
  EXPECT_NE(manifest.find("attested by qa1, document B-1, remark: page 3 is a copy"),
            std::string::npos)
      << manifest;
  EXPECT_NE(manifest.find("1 results reviewed by rev1\""), std::string::npos) << manifest;
  fixture.Must(fixture.SignIntent("qp1", release));
  EXPECT_EQ(Show("A").changes_since_release_size(), 0);
}

TEST(EveryLot, IsNowWhatItWasAtItsNewestEvent) {
  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  PlayEveryRecordKind(fixture);
  const auto lots = fixture.site().store().Read(
      [](storage::Records& records) { return records.List<v1::Lot>({}); });
  ASSERT_TRUE(lots);
  ASSERT_FALSE(lots->empty());
  for (const auto& lot : *lots) {
    v1::GetLotRequest request;
    request.set_lot_id(lot.record.lot_id());
    const v1::GetLotResponse now = fixture.ShowLot(lot.record.lot_id());
    request.set_at_index(now.etag());
    const auto then = fixture.site().store().Read(
        [&](storage::Records& records) { return GetLot(fixture.site(), records, request); });
    ASSERT_TRUE(then) << then.error().message;
    EXPECT_EQ(then->DebugString(), now.DebugString());
  }
}

TEST_F(LotAsItWas, IsNotFoundBeforeItsRegistration) {
  std::int64_t registered = 0;
  while (!At("A", registered)) ++registered;
  const auto first = At("A", registered);
  EXPECT_EQ(first->etag(), registered);
  EXPECT_TRUE(first->lot().confirmed_by().empty());
  EXPECT_EQ(At("A", registered - 1).error().reason, ErrorReason::kNotFound);
  EXPECT_EQ(At("B", Now("A")).error().reason, ErrorReason::kNotFound);
}

TEST_F(LotAsItWas, IsRefusedAtAnIndexThatTheLogDoesNotHave) {
  const auto size = fixture.site().store().Read(
      [](storage::Records& records) { return storage::LogSize(records.db()); });
  ASSERT_TRUE(size);
  EXPECT_TRUE(At("A", *size - 1));
  for (const std::int64_t index : {*size, *size + 100'000, std::int64_t{-1}}) {
    const auto refused = At("A", index);
    ASSERT_FALSE(refused) << index;
    EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_NE(refused.error().message.find("the log has " + std::to_string(*size) + " events"),
              std::string::npos)
        << refused.error().message;
  }
}

TEST_F(LotAsItWas, TellsNothingOfACertificateOfOneEntry) {
  fixture.AddLot("BANK", "MCB");
  const std::string typed =
      "lot_id: 'BANK' issuer: 'Reference laboratory' certificate_number: 'C-9' "
      "issued_date: '2026-02-15' lines: 'PH' ";
  fixture.Must(fixture.DoText<v1::TranscribeCertificateRequest>(
      "tech1", "LotService/TranscribeCertificate", &TranscribeCertificate,
      typed + "scan { file_name: 'C-9.pdf' content: 'scan' }"));
  const std::int64_t copied = Now("BANK");
  fixture.Must(fixture.DoText<v1::ConfirmCertificateRequest>(
      "tech2", "LotService/ConfirmCertificate", &ConfirmCertificate, typed));
  const auto before = At("BANK", copied);
  ASSERT_TRUE(before);
  ASSERT_EQ(before->certificates_size(), 1);
  EXPECT_EQ(before->certificates(0).entered_by(), "tech1");
  EXPECT_EQ(before->certificates(0).confirmed_by(), "");
  for (const char* text : {"Reference laboratory", "C-9\"", "2026-02-15"}) {
    EXPECT_EQ(before->ShortDebugString().find(text), std::string::npos) << text;
  }
  const auto after = At("BANK", Now("BANK"));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->certificates(0).certificate_number(), "C-9");
}

}  // namespace
}  // namespace lims::app
