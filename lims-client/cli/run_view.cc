#include "cli/run_view.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/findings.h"
#include "core/render.h"
#include "core/shapes.h"

namespace lims::client {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Attempts = google::protobuf::RepeatedPtrField<v1::Attempt>;

// Of the sample's part in the run, then of the value.
std::string JoinedFlags(const v1::Attempt& attempt, const v1::Result& result) {
  google::protobuf::RepeatedPtrField<std::string> flags = FlagsOf(attempt);
  for (const std::string& flag : result.flags()) *flags.Add() = FlagText(flag);
  return Joined(flags);
}

// Lines that have no result although the attempt may be valid, those of one reason together.
std::string InvalidLines(const v1::Attempt& attempt) {
  std::vector<std::pair<std::string, std::string>> reasons;  // why, of which lines
  for (const v1::InvalidLine& line : attempt.invalid_lines()) {
    const std::string why = EnumName(line.outcome()) + ": " + line.reason() +
                            (line.signal() ? "; the sample shows a signal" : "");
    const auto known = std::find_if(reasons.begin(), reasons.end(),
                                    [&](const auto& each) { return each.first == why; });
    if (known == reasons.end()) {
      reasons.emplace_back(why, line.line_code());
    } else {
      known->second += ", " + line.line_code();
    }
  }
  std::string out;
  for (const auto& [why, lines] : reasons) {
    out += Printable("no result, " + NameOf(attempt) + ": " + lines + " " + why) + "\n";
  }
  return out;
}

// "entered late, lot A STER attempt 1: …"; empty for a test entered in time.
std::string LateEntry(const v1::Attempt& attempt) {
  if (!attempt.has_late_entry()) return "";
  const v1::LateEntry& late = attempt.late_entry();
  return Printable("entered late, " + NameOf(attempt) + ": at " + late.entered_time() +
                   " what was done at " + late.claimed_time() + ": " + late.reason() +
                   (late.cleared_by().empty()
                        ? ", waits for QA"
                        : ", cleared by " + late.cleared_by() + ": " + late.clear_reason())) +
         "\n";
}

// "copied, lot A PH attempt 1: report CL-77 of …, performed 2026-…, typed by …"; empty for values
// that were not copied from a document.
std::string Copied(const v1::Attempt& attempt) {
  if (!attempt.has_document()) return "";
  const v1::SourceDocument& document = attempt.document();
  const std::string again = attempt.reentered_by().empty() ? "; waits for the second entry"
                                                           : ", again by " + attempt.reentered_by();
  return Printable("copied, " + NameOf(attempt) + ": " + EnumName(attempt.source()) + ", report " +
                   document.report_number() + " of " + document.issuer() + ", performed " +
                   Joined(document.performed_dates()) + ", typed by " + attempt.entered_by() +
                   again) +
         "\n";
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
    out += InvalidLines(attempt);
    out += LateEntry(attempt);
    out += Copied(attempt);
  }
  return out;
}

std::vector<std::string> AttemptCells(const v1::Attempt& attempt) {
  return {attempt.lot_id(),  attempt.sample_id(),
          attempt.panel(),   std::to_string(attempt.number()),
          KindText(attempt), EnumName(attempt.outcome())};
}

// "entered 2026-… because …, cleared by qa1"; empty for a reading in time.
std::string LateState(const v1::Reading& reading) {
  if (reading.late_reason().empty()) return "";
  return "entered " + reading.entered_time() + ": " + reading.late_reason() +
         (reading.cleared_by().empty() ? ", waits for QA" : ", cleared by " + reading.cleared_by());
}

// What a reader of the table must know beside it: a verdict that is none yet, and what a value
// rests on beside its own run.
std::string Remark(const v1::Result& result) {
  if (result.verdict() != v1::VERDICT_INCONCLUSIVE && result.verdict() != v1::VERDICT_REPORT_ONLY &&
      result.attempts().empty() && result.value_with_excluded().empty()) {
    return "";
  }
  std::string out = result.line_code() + ": " + result.explanation();
  if (!result.value_with_excluded().empty()) {
    out += "; with the points left out " + ForJudging(result.value_with_excluded());
  }
  if (result.attempts_size() > 0) {
    out += "; rests on attempts";
    for (const int number : result.attempts()) out += " " + std::to_string(number);
  }
  return Printable(out) + "\n";
}

const std::vector<std::string> kFileColumns = {"FILE", "ROLE", "LOT", "BYTES", "FORMAT", "SHA-256"};

Rows FileRows(const v1::GetRunResponse& response) {
  Rows rows;
  for (const v1::RunFile& each : response.files()) {
    rows.push_back({each.file().file_name(), EnumName(each.role()), each.lot_id(),
                    std::to_string(each.file().size_bytes()), each.file().format(),
                    each.file().sha256()});
  }
  return rows;
}

// What is due with the end of a day is due on that day.
std::string Until(const std::string& time) {
  return time.substr(0, time.find("T23:59:59.999"));
}

}  // namespace

std::string RenderSubmittedRun(const v1::SubmitRunResponse& response) {
  Rows rows;
  std::string remarks;
  for (const v1::Attempt& attempt : response.attempts()) {
    bool has_result = false;
    for (const v1::Result& result : response.results()) {
      if (result.lot_id() != attempt.lot_id() || result.panel() != attempt.panel() ||
          result.attempt_number() != attempt.number()) {
        continue;
      }
      has_result = true;
      remarks += Remark(result);
      std::vector<std::string> row = AttemptCells(attempt);
      row.insert(row.end(), {result.line_code(), EnumName(result.qualifier()),
                             ForJudging(result.value_raw()), result.value_reported(), result.unit(),
                             EnumName(result.verdict()), JoinedFlags(attempt, result)});
      rows.push_back(std::move(row));
    }
    if (has_result) continue;
    std::vector<std::string> row = AttemptCells(attempt);
    row.insert(row.end(), {"", "", "", "", "", "", Joined(FlagsOf(attempt))});
    rows.push_back(std::move(row));
  }
  return Head(response.run(), response.attempts()) +
         RenderTable({"LOT", "SAMPLE", "PANEL", "ATTEMPT", "KIND", "OUTCOME", "LINE", "QUALIFIER",
                      "RAW", "REPORTED", "UNIT", "VERDICT", "FLAGS"},
                     rows) +
         remarks + RenderChecks(response.run(), response.attempts()) +
         RenderFigures(response.run(), response.attempts(), response.results()) +
         "\nrecorded at log index " + std::to_string(response.receipt().log_index()) + "\n";
}

std::string RenderRun(const v1::GetRunResponse& response) {
  v1::Run facts = response.run();  // without what the tables and the head show
  facts.clear_checks();
  facts.clear_details();
  facts.clear_raw_files();
  std::string out = Head(response.run(), response.attempts()) + RenderMessage(facts);
  Rows rows;
  for (const v1::Attempt& attempt : response.attempts()) {
    std::vector<std::string> row = AttemptCells(attempt);
    row.push_back(Joined(FlagsOf(attempt)));
    rows.push_back(std::move(row));
  }
  out += RenderSection({"LOT", "SAMPLE", "PANEL", "ATTEMPT", "KIND", "OUTCOME", "FLAGS"}, rows);
  out += RenderEntries(response.attempts());
  rows.clear();
  std::string remarks;
  for (const v1::Result& result : response.results()) {
    rows.push_back({result.lot_id(), result.line_code(), std::to_string(result.attempt_number()),
                    EnumName(result.qualifier()), ForJudging(result.value_raw()),
                    result.value_reported(), result.unit(), EnumName(result.verdict()),
                    result.criterion(), Joined(result.flags(), FlagText)});
    remarks += Remark(result);
  }
  out += RenderSection({"LOT", "LINE", "ATTEMPT", "QUALIFIER", "RAW", "REPORTED", "UNIT", "VERDICT",
                        "CRITERION", "FLAGS"},
                       rows) +
         remarks;
  out += RenderChecks(response.run(), response.attempts());
  out += RenderFigures(response.run(), response.attempts(), response.results());
  rows.clear();
  for (const v1::RunPosition& position : response.positions()) {
    rows.push_back({position.position(), EnumName(position.role()), position.sample_id(),
                    position.target(), position.file_name(), position.dilution(),
                    position.omit_reason()});
  }
  out += RenderSection(kFileColumns, FileRows(response));
  out += RenderSection({"POSITION", "ROLE", "SAMPLE", "TARGET", "FILE NAME", "DILUTION", "OMITTED"},
                       rows);
  rows.clear();
  for (const v1::Reading& reading : response.readings()) {
    for (const v1::ReadingEntry& entry : reading.entries()) {
      rows.push_back({std::to_string(reading.number()), reading.observed_time(),
                      reading.observed_by(), entry.position(), entry.target(),
                      EnumName(entry.value().qualifier()), entry.value().value(),
                      entry.value().unit(), entry.description(), LateState(reading)});
    }
  }
  return out + RenderSection({"READING", "OBSERVED", "BY", "POSITION", "TARGET", "QUALIFIER",
                              "VALUE", "UNIT", "DESCRIPTION", "LATE"},
                             rows);
}

std::string RenderRunFiles(const v1::GetRunResponse& response) {
  return RenderTable(kFileColumns, FileRows(response));
}

std::string RenderWork(const v1::ListWorkResponse& response) {
  Rows rows;
  for (const v1::WorkItem& item : response.items()) {
    rows.push_back({Until(item.due_time()) + (item.overdue() ? " OVERDUE" : ""),
                    EnumName(item.kind()), EnumName(item.who()), item.run_id(),
                    Joined(item.lot_ids()), item.panel(), item.text()});
  }
  std::string out = RenderTable({"UNTIL", "WHAT", "WHO", "RUN", "LOTS", "PANEL", "NEXT"}, rows);
  rows.clear();
  for (const v1::ShiftItem& item : response.shift()) {
    rows.push_back({item.time(), item.what(), item.user_id(), item.lot_id(), item.run_id(),
                    item.method_id(), item.text()});
  }
  return out + RenderSection({"TIME", "DONE", "BY", "LOT", "RUN", "METHOD", "REMARK"}, rows);
}

}  // namespace lims::client
