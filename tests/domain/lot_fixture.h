// A drug product lot on which everything has been done, for tests to take something away from.
#ifndef LIMS_TESTS_DOMAIN_LOT_FIXTURE_H_
#define LIMS_TESTS_DOMAIN_LOT_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/lot_view.h"
#include "support/text_proto.h"

namespace lims::domain {

inline constexpr int kZone = 480;
inline const TimeUs kNow = ParseTime("2026-06-01T12:00:00+08:00").value();

template <typename Message>
Stored<Message> Store(const std::string& text, std::int64_t etag = 1) {
  return {FromText<Message>(text), etag};
}

// The first record for which `matches` holds.
template <typename Records, typename Matches>
auto& FindRecord(Records& records, Matches matches) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const auto& stored) { return matches(stored.record); });
  EXPECT_NE(found, records.end());
  return *found;
}

inline RelatedLot Related(const std::string& text) {
  return {FromText<v1::Lot>(text), false, {}};
}

inline void AddValidAttempt(LotView& view, const std::string& panel, int number,
                            const std::string& line, v1::Verdict verdict, std::int64_t etag) {
  Stored<v1::Attempt>& attempt = view.attempts.emplace_back();
  attempt.etag = etag;
  attempt.record.set_panel(panel);
  attempt.record.set_number(number);
  attempt.record.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  attempt.record.set_purpose(v1::PURPOSE_RELEASE);
  attempt.record.set_run_id("R-" + panel + std::to_string(number));
  attempt.record.set_method_id("M-" + panel);
  attempt.record.set_method_version(1);
  attempt.record.set_outcome(v1::OUTCOME_VALID);
  attempt.record.add_analysts("tech");
  Stored<v1::Result>& result = view.results.emplace_back();
  result.etag = etag;
  result.record.set_line_code(line);
  result.record.set_panel(panel);
  result.record.set_attempt_number(number);
  result.record.set_verdict(verdict);
  result.record.set_purpose(v1::PURPOSE_RELEASE);
}

// PH and VOL are needed at S1, GRAM at S1 for a fresh product only, STER and OSM (not judged) at
// S2, KARYO for banks and end-of-production cells. The lot is not fresh.
inline LotView ReleasableLot() {
  LotView view;
  view.lot = Store<v1::Lot>(R"(
    lot_id: "DP-1" kind: LOT_KIND_DRUG_PRODUCT product_id: "P" specification_revision: 1
    parents { lot_id: "WCB-1" } manufacture_time: "2026-03-01T08:00:00+08:00"
    expiry: "2028-02" disposition: DISPOSITION_QUARANTINE registered_by: "qa"
    confirmed_by: "sup")");
  view.specification = Store<v1::Specification>(R"(
    product_id: "P" revision: 1 state: VERSION_STATE_APPROVED effective_date: "2026-01-05"
    conditional_release_registered: true)");
  const std::string product_s1 = "gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }";
  const std::string product_s2 = "gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }";
  const auto line = [&](const std::string& code, const std::string& rest) {
    view.lines.push_back(FromText<v1::SpecificationLine>(
        "line_code: '" + code + "' panel: '" + code + "' method_id: 'M-" + code + "' " + rest));
  };
  line("PH", product_s1);
  line("VOL", product_s1);
  line("GRAM", product_s1 + "applicability { fact: 'fresh_product' value: 'yes' }");
  line("STER", product_s2 + "gates { gate: GATE_BANK lot_kinds: [LOT_KIND_MCB, LOT_KIND_WCB] }");
  line("OSM", product_s2);
  line("KARYO", "gates { gate: GATE_BANK lot_kinds: [LOT_KIND_MCB, LOT_KIND_EOPC] }");
  view.attestation_lines = {
      FromText<v1::AttestationLine>("code: 'BPR-REVIEW' role: ROLE_QA " + product_s1),
      FromText<v1::AttestationLine>("code: 'AT-RUNS-S2' role: ROLE_LAB_SUPERVISOR "
                                    "excludes_analysts: true covers_attempts: true " +
                                    product_s2),
      FromText<v1::AttestationLine>(
          "code: 'BANK-REC' role: ROLE_QA gates { gate: GATE_BANK lot_kinds: LOT_KIND_WCB }"),
  };
  view.fact_definitions = {
      FromText<v1::FactDefinition>(
          "fact: 'fresh_product' type: FACT_TYPE_YES_NO used_by_lines: 'GRAM'"),
      FromText<v1::FactDefinition>(
          "fact: 'fill_volume_label' type: FACT_TYPE_DECIMAL decimals: 1 used_by_lines: 'VOL'"),
      FromText<v1::FactDefinition>("fact: 'transport_hours' type: FACT_TYPE_INTEGER "
                                   "used_by_lines: 'VOL' needed_when: 'fresh_product'"),
      FromText<v1::FactDefinition>("fact: 'eopc_lot' type: FACT_TYPE_LOT lot_kind: LOT_KIND_EOPC "
                                   "used_by_lines: ['STER', 'KARYO']"),
      FromText<v1::FactDefinition>(
          "fact: 'bovine_material_used' type: FACT_TYPE_YES_NO used_by_lines: 'KARYO'"),
  };
  view.facts = {Store<v1::LotFact>("fact: 'fresh_product' value: 'no'"),
                Store<v1::LotFact>("fact: 'fill_volume_label' value: '5.0'"),
                Store<v1::LotFact>("fact: 'eopc_lot' value: 'EOPC-1'")};
  view.samples = {Store<v1::Sample>(
      "sample_id: 'S1' state: SAMPLE_STATE_RECEIVED taken_by: 'sampler' purpose: PURPOSE_RELEASE")};
  AddValidAttempt(view, "PH", 1, "PH", v1::VERDICT_PASS, 11);
  AddValidAttempt(view, "VOL", 1, "VOL", v1::VERDICT_PASS, 12);
  AddValidAttempt(view, "STER", 1, "STER", v1::VERDICT_PASS, 13);
  AddValidAttempt(view, "OSM", 1, "OSM", v1::VERDICT_REPORT_ONLY, 14);
  v1::NamedValue& used = *view.attempts[1].record.add_facts();
  used.set_name("fill_volume_label");
  used.set_value("5.0");
  view.reviews = {Store<v1::Review>(R"(
    number: 1 reviewer: "rev"
    results { line_code: "PH" attempt_number: 1 etag: 11 }
    results { line_code: "VOL" attempt_number: 1 etag: 12 }
    results { line_code: "STER" attempt_number: 1 etag: 13 }
    results { line_code: "OSM" attempt_number: 1 etag: 14 })")};
  view.attestations = {
      Store<v1::Attestation>("code: 'BPR-REVIEW' role: ROLE_QA user_id: 'qa'"),
      Store<v1::Attestation>("code: 'AT-RUNS-S2' role: ROLE_LAB_SUPERVISOR user_id: 'sup'", 20)};
  view.related = {
      Related("lot_id: 'WCB-1' kind: LOT_KIND_WCB disposition: DISPOSITION_RELEASED "
              "manufacture_time: '2025-06-01T08:00:00+08:00' expiry: '2035-05' "
              "parents { lot_id: 'MCB-1' }"),
      Related("lot_id: 'MCB-1' kind: LOT_KIND_MCB disposition: DISPOSITION_RELEASED "
              "manufacture_time: '2025-01-01T08:00:00+08:00' expiry: '2035-01'"),
      Related("lot_id: 'EOPC-1' kind: LOT_KIND_EOPC disposition: DISPOSITION_RELEASED "
              "manufacture_time: '2025-08-01T08:00:00+08:00' parents { lot_id: 'WCB-1' }"),
  };
  for (const v1::SpecificationLine& each : view.lines) {
    view.methods.push_back(FromText<v1::Method>("method_id: '" + each.method_id() +
                                                "' version: 1 repeat_invalid_budget: 1"));
  }
  return view;
}

}  // namespace lims::domain

#endif  // LIMS_TESTS_DOMAIN_LOT_FIXTURE_H_
