// Certificates of other laboratories: typed twice from the paper, for the lines that they name.
#include "app/external_certificates.h"

#include <algorithm>
#include <optional>

#include "app/verify.h"
#include "storage/log.h"
#include "support/refusal.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class Certificates : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddLot("A", "MCB");
  }

  const std::string typed =
      "lot_id: 'A' issuer: 'Reference laboratory' certificate_number: 'C-9' "
      "issued_date: '2026-02-15' lines: 'PH' ";
  Result<storage::RecordedAct> Copy() {
    return fixture.DoText<v1::TranscribeCertificateRequest>(
        "tech1", "LotService/TranscribeCertificate", &TranscribeCertificate,
        typed + "scan { file_name: 'C-9.pdf' content: 'scan' }");
  }
  Result<storage::RecordedAct> Confirm(const std::string& user, const std::string& text) {
    return fixture.DoText<v1::ConfirmCertificateRequest>(user, "LotService/ConfirmCertificate",
                                                         &ConfirmCertificate, text);
  }
  // As it is, or as it was at a log index.
  v1::ExternalCertificate Shown(std::optional<std::int64_t> at_index = std::nullopt) {
    v1::GetLotRequest request;
    request.set_lot_id("A");
    if (at_index) request.set_at_index(*at_index);
    const auto response = fixture.site().store().Read(
        [&](storage::Records& records) { return GetLot(fixture.site(), records, request); });
    EXPECT_TRUE(response);
    return response ? response->certificates(0) : v1::ExternalCertificate();
  }
  static bool IsBlank(const v1::ExternalCertificate& certificate) {
    return certificate.issuer().empty() && certificate.certificate_number().empty() &&
           certificate.issued_date().empty();
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(Certificates, StandForTheLinesOfABankOnceTwoPeopleTypedThem) {
  const std::string release = "release { lot_id: 'A' decision: DECISION_RELEASE }";
  fixture.Must(Copy());
  EXPECT_EQ(fixture.SignIntent("qp1", release).error().violations.size(), 2u);
  EXPECT_EQ(Confirm("tech1", typed).error().reason, ErrorReason::kSegregation);
  const auto differs = Confirm("tech2",
                               "lot_id: 'A' issuer: 'Reference laboratory' "
                               "certificate_number: 'C-6' issued_date: '2026-02-15' lines: 'PH'");
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().message.find("C-9"), std::string::npos);
  fixture.Must(Confirm("tech2", typed));
  EXPECT_EQ(Copy().error().reason, ErrorReason::kWrongState);
  fixture.Must(fixture.SignIntent("qp1", release));
}

TEST_F(Certificates, AreTypedAgainFromThePaper) {
  const auto early = Confirm("tech2", typed);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, ErrorReason::kNotFound);
  EXPECT_NE(early.error().message.find("lims lot certificate"), std::string::npos);
  fixture.Must(Copy());
  EXPECT_EQ(Shown().entered_by(), "tech1");
  EXPECT_TRUE(IsBlank(Shown()));
  fixture.Must(Confirm("tech2", typed));
  EXPECT_EQ(Shown().issuer(), "Reference laboratory");
  EXPECT_EQ(Shown().certificate_number(), "C-9");
  EXPECT_EQ(Shown().issued_date(), "2026-02-15");
}

TEST_F(Certificates, StandInNoEventBeforeTheSecondEntry) {
  fixture.Must(Copy());
  const auto logged = [&](const std::string& text) {
    const auto found = fixture.site().store().Read([&](storage::Records& records) -> Result<bool> {
      LIMS_ASSIGN_OR_RETURN(const auto entries, storage::Entries(records.db(), 0, 100000));
      return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.bytes.find(text) != std::string::npos;
      });
    });
    EXPECT_TRUE(found);
    return found && *found;
  };
  for (const char* text : {"Reference laboratory", "\"C-9\"", "2026-02-15"}) {
    EXPECT_FALSE(logged(text)) << text;
  }
  // Typed again it has another hash.
  const std::string sealed = Shown().sealed_entry().sha256();
  fixture.Must(Copy());
  EXPECT_NE(Shown().sealed_entry().sha256(), sealed);
  fixture.Must(Confirm("tech2", typed));
  EXPECT_TRUE(logged("\"C-9\""));
  fixture.Close();
  VerifyOptions options;
  options.site_dir = folder.path();
  const auto report = VerifySite(options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
}

TEST_F(Certificates, CopiedBeforeTheyNamedTheirLinesAreHiddenAndCopiedAnew) {
  fixture.Must(Copy());
  v1::ExternalCertificate open = Shown();
  open.clear_sealed_entry();
  open.set_issuer("Reference laboratory");
  open.set_certificate_number("C-9");
  open.set_issued_date("2026-02-15");
  storage::ActInfo info;
  info.act = v1::ACT_START_SERVER;
  const auto put = fixture.site().writer().Execute(std::move(info), [&](storage::Transaction& tx) {
    tx.Put(open);
    return Result<void>();
  });
  ASSERT_TRUE(put);
  EXPECT_TRUE(IsBlank(Shown()));
  EXPECT_TRUE(IsBlank(Shown(put->first_index)));
  EXPECT_NE(Words(Confirm("tech2", typed)).find("copied anew"), std::string::npos);
  fixture.Must(Copy());
  fixture.Must(Confirm("tech2", typed));
  EXPECT_EQ(Shown().certificate_number(), "C-9");
  EXPECT_TRUE(IsBlank(Shown(put->first_index)));
}

TEST_F(Certificates, TypedOtherwiseAreRefusedAndTheRefusalIsRecorded) {
  fixture.Must(Copy());
  const std::string other =
      "request_id: '" + NewUuid() +
      "' lot_id: 'A' issuer: 'Reference laboratory' certificate_number: 'C-6' "
      "issued_date: '2026-02-15' lines: 'PH'";
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(Confirm("tech2", other));
  const auto refusals = fixture.site().store().Read([&](storage::Records& records) -> Result<int> {
    LIMS_ASSIGN_OR_RETURN(const auto entries, storage::Entries(records.db(), 0, 100000));
    int count = 0;
    for (const auto& entry : entries) {
      if (entry.bytes.find("\"act\":\"ACT_REFUSE_REENTRY\"") == std::string::npos) continue;
      EXPECT_NE(entry.bytes.find("\"stream\":\"lot/A\""), std::string::npos);
      EXPECT_EQ(entry.bytes.find("C-6"), std::string::npos);
      ++count;
    }
    return count;
  });
  ASSERT_TRUE(refusals);
  EXPECT_EQ(*refusals, 1);
}

TEST_F(Certificates, DoNotHideATestOfTheLotItself) {
  fixture.Must(Copy());
  fixture.Must(Confirm("tech2", typed));
  fixture.Must(fixture.SubmitPh("A", "7.9"));
  const auto refused =
      fixture.SignIntent("qp1", "release { lot_id: 'A' decision: DECISION_RELEASE }");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "OOS PH");
}

TEST_F(Certificates, AreReadFromTheirScanAndNothingElseIs) {
  fixture.Must(Copy());
  const auto read = [&](const std::string& lot, const std::string& sha256, int part = 0) {
    v1::ReadCertificateRequest request;
    request.set_lot_id(lot);
    request.set_sha256(sha256);
    request.set_part(part);
    return fixture.site().store().Read([&](storage::Records& records) {
      return ReadCertificate(fixture.site(), records, request);
    });
  };
  const v1::ExternalCertificate certificate = Shown();
  const auto scan = read("A", certificate.file_sha256());
  ASSERT_TRUE(scan);
  EXPECT_EQ(scan->chunk(), "scan");
  EXPECT_EQ(read("A", certificate.sealed_entry().sha256()).error().reason, ErrorReason::kNotFound);
  EXPECT_EQ(read("B", certificate.file_sha256()).error().reason, ErrorReason::kNotFound);
  EXPECT_EQ(read("A", certificate.file_sha256(), -1).error().reason, ErrorReason::kInvalidArgument);
}

TEST_F(Certificates, AreIssuedOnTheLocalDayOfManufactureOrLater) {
  fixture.Must(fixture.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &RegisterLot,
      "lot_id: 'NIGHT' kind: LOT_KIND_MCB product_id: 'P' expiry: '2027-02' "
      "manufacture_time: '2026-02-01T20:00:00Z'"));  // the 2nd at 04:00
  fixture.Must(fixture.DoText<v1::ConfirmLotRequest>(
      "sup1", "LotService/ConfirmLot", &ConfirmLot,
      "lot_id: 'NIGHT' manufacture_time: '2026-02-01T20:00:00Z'"));
  const auto copy = [&](const std::string& day) {
    return fixture.DoText<v1::TranscribeCertificateRequest>(
        "tech1", "LotService/TranscribeCertificate", &TranscribeCertificate,
        "lot_id: 'NIGHT' issuer: 'X' certificate_number: 'C-9' lines: 'PH' "
        "scan { content: 'scan' } issued_date: '" +
            day + "'");
  };
  const auto early = copy("2026-02-01");
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().violations[0].field, "issued_date");
  fixture.Must(copy("2026-02-02"));
  EXPECT_FALSE(fixture.DoText<v1::ConfirmCertificateRequest>(
      "tech2", "LotService/ConfirmCertificate", &ConfirmCertificate,
      "lot_id: 'NIGHT' issuer: 'X' certificate_number: 'C-9' lines: 'PH' "
      "issued_date: '2026-02-01'"));
}

// A bank that is released by PH and by the two lines of one panel.
class CertificatesOfLines : public Certificates {
 protected:
  using Names = std::vector<std::string>;

  void SetUp() override {
    Certificates::SetUp();
    v1::Method pair = PhMethod("PAIR");
    *pair.add_outputs() = pair.outputs(0);
    for (const int i : {0, 1}) {
      const std::string code = i == 0 ? "PAIR-A" : "PAIR-B";
      pair.mutable_outputs(i)->set_line_code(code);
      pair.mutable_outputs(i)->set_input(code);
    }
    fixture.AddMethods({pair});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-3" date: "2026-01-01" } })");
    const std::string bank = "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }";
    *text.add_lines() = PhLine("PH", "number: '1' " + bank);
    *text.add_lines() = PhLine("PAIR", "number: '2' " + bank);
    *text.add_lines() = PhLine("PAIR", "number: '3' " + bank);
    text.mutable_lines(1)->set_line_code("PAIR-A");
    text.mutable_lines(2)->set_line_code("PAIR-B");
    fixture.AddSpecification(text);
    fixture.AddLot("B", "MCB", "", "Q");
    ASSERT_FALSE(HasFailure());
  }

  static std::string Typed(const std::string& lines) {
    return "lot_id: 'B' issuer: 'Reference laboratory' certificate_number: 'C-9' "
           "issued_date: '2026-02-15' lines: [" +
           lines + "] ";
  }
  Result<storage::RecordedAct> CopyFor(const std::string& lines) {
    return fixture.DoText<v1::TranscribeCertificateRequest>(
        "tech1", "LotService/TranscribeCertificate", &TranscribeCertificate,
        Typed(lines) + "scan { file_name: 'C-9.pdf' content: 'scan' }");
  }
  Names Blockers() {
    const auto refused =
        fixture.SignIntent("qp1", "release { lot_id: 'B' decision: DECISION_RELEASE }");
    Names blockers;
    if (refused) return blockers;
    for (const Violation& each : refused.error().violations) blockers.push_back(each.field);
    return blockers;
  }
};

TEST_F(CertificatesOfLines, StandForNoLineThatTheyDoNotName) {
  fixture.Must(CopyFor("'PAIR-B'"));
  fixture.Must(Confirm("tech2", Typed("'PAIR-B'")));
  EXPECT_EQ(Blockers(), (Names{"NOT_TESTED PH", "NOT_TESTED PAIR-A"}));
}

TEST_F(CertificatesOfLines, MayNameAPanelForItsLines) {
  fixture.Must(CopyFor("'PH', 'PAIR'"));
  fixture.Must(Confirm("tech2", Typed("'PAIR-B', 'PAIR-A', 'PH'")));
  EXPECT_EQ(Blockers(), Names{});
}

TEST_F(CertificatesOfLines, AreTypedTwiceForTheSameLines) {
  fixture.Must(CopyFor("'PH'"));
  for (const char* lines : {"'PH', 'PAIR-A'", "'PAIR-A'"}) {
    EXPECT_NE(Words(Confirm("tech2", Typed(lines))).find("differs"), std::string::npos) << lines;
  }
  fixture.Must(Confirm("tech2", Typed("'PH'")));
}

TEST_F(CertificatesOfLines, NameLinesThatTheBankIsReleasedBy) {
  const auto none = CopyFor("");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().violations[0].field, "lines");
  const auto unknown = CopyFor("'PH', 'KARYO'");
  ASSERT_FALSE(unknown);
  ASSERT_EQ(unknown.error().violations.size(), 1u);
  EXPECT_EQ(unknown.error().violations[0].field, "lines[1]");
  EXPECT_NE(unknown.error().violations[0].description.find("KARYO"), std::string::npos);
}

TEST_F(Certificates, AreForBanksOnly) {
  fixture.AddLot("P1", "DRUG_PRODUCT");
  EXPECT_NE(Words(fixture.DoText<v1::TranscribeCertificateRequest>(
                      "tech1", "LotService/TranscribeCertificate", &TranscribeCertificate,
                      "lot_id: 'P1' issuer: 'X' certificate_number: 'C-9' "
                      "issued_date: '2026-02-15' lines: 'PH' scan { content: 'scan' }"))
                .find("is no bank"),
            std::string::npos);
}

}  // namespace
}  // namespace lims::app
