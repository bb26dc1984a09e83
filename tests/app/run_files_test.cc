// Who reviews opens what was behind a run, and nothing else.
#include "app/run_files.h"

#include "app/amendments.h"
#include "app/second_entry.h"
#include "app/verify.h"
#include "app/virus_plate_fixture.h"
#include "base/encoding.h"
#include "base/sha256.h"

namespace lims::app {
namespace {

std::string Digest(const std::string& bytes) {
  return HexEncode(Sha256(bytes));
}

class RunFiles : public VirusPanelSite {
 protected:
  std::string MoreOfMethod() const override { return "lines_from_report: true "; }

  void Report(const std::string& scan) {
    auto request = FromText<v1::SubmitResultRequest>(
        "lot_id: 'B' panel: 'V' source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract "
        "laboratory' report_number: 'CL-9' performed_dates: '2026-02-20' } "
        "scan { file_name: 'CL-9.pdf' } "
        "entries { input: 'V-HBV' replicate: 1 value { value: 'NEGATIVE' } } "
        "entries { input: 'V-HPV' replicate: 1 value { value: 'NEGATIVE' } }");
    EXPECT_TRUE(StoreRawFile(fixture.site(), Digest(scan), scan));
    request.mutable_scan()->set_sha256(Digest(scan));
    SiteFixture::Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request));
  }
  std::string RunOf(const std::string& lot) { return Attempt(lot, 1).run_id(); }

  // "ROLE lot name" of each file.
  std::vector<std::string> Listed(const std::string& run) {
    const v1::GetRunResponse response = fixture.ShowRun(run);
    std::vector<std::string> files;
    for (const v1::RunFile& file : response.files()) {
      files.push_back(v1::RunFileRole_Name(file.role()).substr(14) + " " + file.lot_id() + " " +
                      file.file().file_name());
    }
    return files;
  }
  Result<std::string> Part(const std::string& run, const std::string& sha256, int part = 0) {
    v1::ReadRunFileRequest request;
    request.set_run_id(run);
    request.set_sha256(sha256);
    request.set_part(part);
    LIMS_ASSIGN_OR_RETURN(const auto response,
                          fixture.site().store().Read([&](storage::Records& records) {
                            return ReadRunFile(fixture.site(), records, request);
                          }));
    return response.chunk();
  }
  void ExpectNotFound(const Result<std::string>& part) {
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().reason, ErrorReason::kNotFound);
  }
};

TEST_F(RunFiles, AreTheRawDataOfAPlate) {
  const VirusPlate plate = PlateOf({"A-S1", "B-S1"});
  const std::string run = Play(plate).run_id();
  EXPECT_EQ(Listed(run), std::vector<std::string>{"RAW_DATA  plate.csv"});
  const auto bytes = Part(run, Digest(plate.File()));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, plate.File());
}

TEST_F(RunFiles, AreVerifiedToNameTheirRuns) {
  const VirusPlate plate = PlateOf({"A-S1", "B-S1"});
  const std::string run = Play(plate).run_id();
  const auto finding_after = [&](const std::string& sql) -> std::string {
    EXPECT_TRUE(fixture.site().writer().ExecuteRaw(
        [&](storage::Connection& db) { return db.Execute(sql); }));
    const auto report = VerifySite({folder.path(), "", false});
    EXPECT_TRUE(report) << report.error().message;
    if (!report || report->findings.empty()) return "";
    EXPECT_EQ(report->findings.size(), 1u) << FormatReport(*report);
    return std::string(tlog::FindingName(report->findings[0].kind)) + " " +
           report->findings[0].stream;
  };
  const std::string file = "run_raw_file/" + Digest(plate.File());
  EXPECT_EQ(finding_after("SELECT 1"), "");
  EXPECT_EQ(finding_after("INSERT INTO run_raw_file SELECT sha256, 'other' FROM run_raw_file"),
            "RECORD_UNLOGGED " + file + "/other");
  EXPECT_EQ(finding_after("DELETE FROM run_raw_file"), "RECORD_MISSING " + file + "/" + run);
}

TEST_F(RunFiles, AreReadPartByPart) {
  const std::string scan(storage::kChunkBytes + 1000, 'p');
  Report(scan);
  const std::string run = RunOf("B");
  std::string bytes;
  for (int part = 0; part < 2; ++part) {
    const auto read = Part(run, Digest(scan), part);
    ASSERT_TRUE(read) << part;
    bytes += *read;
  }
  EXPECT_EQ(bytes, scan);
  ExpectNotFound(Part(run, Digest(scan), 2));
  EXPECT_FALSE(Part(run, Digest(scan), -1));
}

TEST_F(RunFiles, AreTheDocumentAndNotTheSealedFirstEntry) {
  Report("scanned");
  const std::string run = RunOf("B");
  EXPECT_EQ(Listed(run), std::vector<std::string>{"DOCUMENT B CL-9.pdf"});
  const std::string sealed = Attempt("B", 1).sealed_entries().sha256();
  ASSERT_NE(sealed, "");
  ExpectNotFound(Part(run, sealed));
}

TEST_F(RunFiles, AreTheEvidenceOfAnAmendment) {
  Report("scanned");
  SiteFixture::Must(fixture.DoText<v1::ReenterResultRequest>(
      "tech2", "RunService/ReenterResult", &ReenterResult,
      "lot_id: 'B' panel: 'V' entries { input: 'V-HBV' replicate: 1 value { value: 'NEGATIVE' } } "
      "entries { input: 'V-HPV' replicate: 1 value { value: 'NEGATIVE' } }"));
  SiteFixture::Must(fixture.DoText<v1::AmendResultRequest>(
      "tech1", "RunService/AmendResult", &AmendResult,
      "lot_id: 'B' panel: 'V' reason_code: AMENDMENT_REASON_TYPING_ERROR reason: 'read again' "
      "evidence { file_name: 'page 2.pdf' content: 'page 2' } "
      "entries { replicate: 1 input: 'V-HPV' value { value: 'INDETERMINATE' } }"));
  const std::string run = RunOf("B");
  EXPECT_EQ(Listed(run),
            (std::vector<std::string>{"DOCUMENT B CL-9.pdf", "EVIDENCE B page 2.pdf"}));
  EXPECT_TRUE(Part(run, Digest("page 2")));
}

TEST_F(RunFiles, AreNotThoseOfAnotherRun) {
  const VirusPlate plate = PlateOf({"A-S1"});
  Play(plate);
  Report("scanned");
  ExpectNotFound(Part(RunOf("B"), Digest(plate.File())));
  ExpectNotFound(Part(RunOf("A"), Digest("scanned")));
  ExpectNotFound(Part("R-999999", Digest("scanned")));
}

}  // namespace
}  // namespace lims::app
