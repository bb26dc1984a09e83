#include "cli/run_view.h"

#include <vector>

#include "core/render.h"

namespace lims::client {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Attempts = google::protobuf::RepeatedPtrField<v1::Attempt>;
using Checks = google::protobuf::RepeatedPtrField<v1::Check>;

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

std::string FailedChecks(const std::string& of, const Checks& checks) {
  std::string out;
  for (const v1::Check& check : checks) {
    if (check.ok()) continue;
    out += Printable("check failed, " + of + ": " + check.name() + " " + check.scope() + ": " +
                     check.observed() + ", asked " + check.criterion()) +
           "\n";
  }
  return out;
}

std::string NameOf(const v1::Attempt& attempt) {
  return attempt.lot_id() + " " + attempt.panel() + "/" + std::to_string(attempt.number());
}

// Name, state and whatever a reviewer must see first.
std::string Head(const v1::Run& run, const Attempts& attempts) {
  std::string out = run.run_id() + " " + run.method_id() + "/" +
                    std::to_string(run.method_version()) + ": " + EnumName(run.state());
  if (run.outcome() != v1::OUTCOME_UNSPECIFIED) out += ", " + EnumName(run.outcome());
  out = Printable(out) + "\n";
  if (!run.flags().empty()) out += Printable("flags: " + Joined(run.flags())) + "\n";
  out += FailedChecks("run", run.checks());
  for (const v1::Attempt& attempt : attempts) {
    out += FailedChecks(NameOf(attempt), attempt.checks());
  }
  return out;
}

std::vector<std::string> AttemptCells(const v1::Attempt& attempt) {
  return {attempt.lot_id(),         attempt.sample_id(),
          attempt.panel(),          std::to_string(attempt.number()),
          EnumName(attempt.kind()), EnumName(attempt.outcome())};
}

}  // namespace

std::string RenderSubmittedRun(const v1::SubmitRunResponse& response) {
  Rows rows;
  for (const v1::Attempt& attempt : response.attempts()) {
    bool has_result = false;
    for (const v1::Result& result : response.results()) {
      if (result.lot_id() != attempt.lot_id() || result.panel() != attempt.panel() ||
          result.attempt_number() != attempt.number()) {
        continue;
      }
      has_result = true;
      std::vector<std::string> row = AttemptCells(attempt);
      row.insert(row.end(), {result.line_code(), EnumName(result.qualifier()), result.value_raw(),
                             result.value_reported(), result.unit(), EnumName(result.verdict()),
                             Joined(result.flags())});
      rows.push_back(std::move(row));
    }
    if (has_result) continue;
    std::vector<std::string> row = AttemptCells(attempt);
    row.insert(row.end(), {"", "", "", "", "", "", Joined(attempt.flags())});
    rows.push_back(std::move(row));
  }
  return Head(response.run(), response.attempts()) +
         RenderTable({"LOT", "SAMPLE", "PANEL", "ATTEMPT", "KIND", "OUTCOME", "LINE", "QUALIFIER",
                      "RAW", "REPORTED", "UNIT", "VERDICT", "FLAGS"},
                     rows) +
         "recorded at log index " + std::to_string(response.receipt().log_index()) + "\n";
}

std::string RenderRun(const v1::GetRunResponse& response) {
  v1::Run facts = response.run();  // without what the tables and the head show
  facts.clear_checks();
  std::string out = Head(response.run(), response.attempts()) + RenderMessage(facts);
  Rows rows;
  for (const v1::Attempt& attempt : response.attempts()) rows.push_back(AttemptCells(attempt));
  out += RenderSection({"LOT", "SAMPLE", "PANEL", "ATTEMPT", "KIND", "OUTCOME"}, rows);
  rows.clear();
  for (const v1::RunPosition& position : response.positions()) {
    rows.push_back({position.position(), EnumName(position.role()), position.sample_id(),
                    position.target(), position.file_name(), position.dilution(),
                    position.omit_reason()});
  }
  out += RenderSection({"POSITION", "ROLE", "SAMPLE", "TARGET", "FILE NAME", "DILUTION", "OMITTED"},
                       rows);
  rows.clear();
  for (const v1::Reading& reading : response.readings()) {
    for (const v1::ReadingEntry& entry : reading.entries()) {
      rows.push_back({std::to_string(reading.number()), reading.observed_time(),
                      reading.observed_by(), entry.position(), entry.target(),
                      EnumName(entry.value().qualifier()), entry.value().value(),
                      entry.value().unit(), entry.description()});
    }
  }
  return out + RenderSection({"READING", "OBSERVED", "BY", "POSITION", "TARGET", "QUALIFIER",
                              "VALUE", "UNIT", "DESCRIPTION"},
                             rows);
}

}  // namespace lims::client
