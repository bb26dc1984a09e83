#include "support/every_record.h"

#include "app/amendments.h"
#include "app/clock_steps.h"
#include "app/create_run.h"
#include "app/external_certificates.h"
#include "app/looks.h"
#include "app/readings.h"
#include "app/runs.h"
#include "app/second_entry.h"
#include "app/submit_result.h"
#include "app/submit_run.h"
#include "app/upkeep.h"

namespace lims::app {
namespace {

// A product that is tested for pH, and for ABX where the fact antibiotic_used says so.
void AddProductWithFact(SiteFixture& fixture) {
  fixture.AddMethods({PhMethod("ABX")});
  auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-3" date: "2026-01-01" } }
      facts { fact: "antibiotic_used" position: 1 type: FACT_TYPE_YES_NO meaning: "Antibiotic"
              used_by_lines: "ABX" })");
  const std::string gate = "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }";
  *text.add_lines() = PhLine("PH", "number: '1' " + gate);
  *text.add_lines() =
      PhLine("ABX", "number: '2' applicability { fact: 'antibiotic_used' value: 'yes' } " + gate);
  fixture.AddSpecification(text);
  fixture.AddLot("B", "MCB", "", "Q");
  fixture.Must(fixture.SignIntent("qa1",
                                  "declare_fact { lot_id: 'B' facts { fact: 'antibiotic_used' "
                                  "value: 'no' document: 'BPR-1' } }"));
}

void ReviewAmended(SiteFixture& fixture) {
  fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  fixture.Must(fixture.SubmitPh("A", "7.02"));
  auto amend = FromText<v1::AmendResultRequest>(
      "lot_id: 'A' panel: 'PH' reason_code: AMENDMENT_REASON_TYPING_ERROR "
      "reason: 'two digits exchanged at the terminal' "
      "evidence { file_name: 'bench.pdf' content: 'pH 7.2' }");
  *amend.mutable_entries() = PhValue("A", "7.2").entries();
  fixture.Must(fixture.Do("tech1", "RunService/AmendResult", &AmendResult, amend));
  fixture.Must(fixture.DoText<v1::ConfirmAmendmentRequest>(
      "tech2", "RunService/ConfirmAmendment", &ConfirmAmendment, "lot_id: 'A' number: 1"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'a question' }"));
  fixture.Must(fixture.SignIntent(
      "qa1", "attest { lot_id: 'A' attestations { code: 'BPR' document: 'B-1' } }"));
}

void CopyFromPaper(SiteFixture& fixture) {
  fixture.AddLot("MCB-2", "MCB");
  const std::string certificate =
      "lot_id: 'MCB-2' issuer: 'Reference laboratory' certificate_number: 'C-9' "
      "issued_date: '2026-02-15' lines: 'PH' ";
  fixture.Must(fixture.DoText<v1::TranscribeCertificateRequest>(
      "tech1", "LotService/TranscribeCertificate", &TranscribeCertificate,
      certificate + "scan { file_name: 'C-9.pdf' content: 'scan' }"));
  fixture.Must(fixture.DoText<v1::ConfirmCertificateRequest>(
      "tech2", "LotService/ConfirmCertificate", &ConfirmCertificate, certificate));

  auto first = FromText<v1::SubmitResultRequest>(
      "source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract laboratory' "
      "report_number: 'CL-77' performed_dates: '2026-02-20' } "
      "scan { file_name: 'CL-77.pdf' content: 'scanned' }");
  first.MergeFrom(PhValue("MCB-2", "7.1"));
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, first));
  v1::ReenterResultRequest second;
  second.set_lot_id("MCB-2");
  second.set_panel("PH");
  *second.mutable_entries() = first.entries();
  fixture.Must(fixture.Do("tech2", "RunService/ReenterResult", &ReenterResult, second));
}

void SetAndConfirmTheClock(SiteFixture& fixture) {
  Upkeep upkeep(fixture.site());
  fixture.clock_set_us = -kHour;
  upkeep.Tick();
  fixture.clock_set_us = 0;
  for (const char* user : {"admin1", "qa1"}) {
    fixture.Must(fixture.DoText<v1::ConfirmClockRequest>(
        user, "SystemService/ConfirmClock", &ConfirmClock, "number: 1 reason: 'the radio clock'"));
  }
}

std::string CreatePhRun(SiteFixture& fixture, const std::string& sample) {
  const auto run = fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
      "sample_id: '" +
          sample + "' }");
  fixture.Must(run);
  v1::CreateRunResponse response;
  if (run) FillResponse(*run, &response);
  return "run_id: '" + response.run().run_id() + "' ";
}

void ReadAndLook(SiteFixture& fixture) {
  fixture.AddLot("C", "MCB");
  const std::string aborted = CreatePhRun(fixture, "C-S1");
  fixture.Must(fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                                   aborted + "reason: 'electrode broke'"));
  const std::string run = CreatePhRun(fixture, "C-S1");
  auto look = FromText<v1::ComputeAssayRequest>(
      "assay: 'generic_value' content: 'line,replicate,value,unit\\nPH,1,7.5,\\n'");
  look.set_request_id(NewUuid());
  const auto seen =
      ComputeAssay(fixture.site(), fixture.As("tech1", "CatalogueService/ComputeAssay"), look);
  EXPECT_TRUE(seen) << seen.error().message;
  fixture.Must(fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      run + "observed_time: '" + FormatUtc(fixture.now_us) +
          "' entries { position: '1' target: 'PH' value { value: '7.9' unit: '[pH]' } }"));
  fixture.Must(
      fixture.DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun, run));
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'C' reason: 'pH out of limits' }"));
}

}  // namespace

void PlayEveryRecordKind(SiteFixture& fixture) {
  fixture.Prepare();
  fixture.ReleaseBank();
  ReviewAmended(fixture);
  AddProductWithFact(fixture);
  CopyFromPaper(fixture);
  SetAndConfirmTheClock(fixture);
  ReadAndLook(fixture);
}

}  // namespace lims::app
