#include "core/shapes.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/contains.h"
#include "core/render.h"
#include "lims/v1/words.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

template <typename Checks>
void AppendChecks(const Checks& checks, const std::string& sample, ordered_json* out) {
  for (const v1::Check& check : checks) {
    ordered_json json = {{"name", check.name()},
                         {"observed", check.observed()},
                         {"criterion", check.criterion()},
                         {"ok", check.ok()}};
    if (!check.scope().empty()) json["scope"] = check.scope();
    if (!sample.empty()) json["sample"] = sample;
    out->push_back(std::move(json));
  }
}

template <typename Flags>
void AppendFlags(const Flags& flags, ordered_json* out) {
  for (const std::string& flag : flags) {
    if (!Contains(*out, flag)) out->push_back(flag);
  }
}

template <typename Values>
void AppendDetails(const Values& values, ordered_json* out) {
  for (const v1::NamedValue& value : values) {
    if (out->contains(value.name())) (*out)["run." + value.name()] = (*out)[value.name()];
    (*out)[value.name()] = value.value();
  }
}

}  // namespace

std::string KindText(const v1::Attempt& attempt) {
  std::string text = EnumName(attempt.kind());
  if (attempt.planned_number() > 0) {
    text += " " + std::to_string(attempt.planned_number()) + "/" +
            std::to_string(attempt.planned_total());
  }
  return text;
}

std::string FlagText(const std::string& flag) {
  return flag == "INDIVIDUAL_BELOW_LIMIT" ? flag + " (a single value outside the limit)" : flag;
}

std::string BeforeElectronicApproval(v1::VersionState state, const v1::PaperApproval& paper) {
  const bool approved =
      state == v1::VERSION_STATE_APPROVED || state == v1::VERSION_STATE_SUPERSEDED;
  if (!approved || paper.document().empty()) return "";
  return "in force before electronic approval, from " + paper.date() + " by " + paper.document();
}

google::protobuf::RepeatedPtrField<std::string> FlagsOf(const v1::Attempt& attempt) {
  google::protobuf::RepeatedPtrField<std::string> flags = attempt.flags();
  const auto add = [&](bool holds, const char* flag) {
    if (holds) *flags.Add() = flag;
  };
  add(attempt.has_sealed_entries() && attempt.outcome() == v1::OUTCOME_UNSPECIFIED,
      "SECOND_ENTRY_DUE");
  if (attempt.has_document()) *flags.Add() = EnumName(attempt.source());
  add(!attempt.amendments().empty(), "AMENDED");
  const bool late = attempt.has_late_entry();
  const bool cleared = !attempt.late_entry().cleared_by().empty();
  add(!attempt.late_readings().empty() || (late && !cleared), "LATE_ENTRY");
  add(!attempt.cleared_readings().empty() || cleared, "LATE_ENTRY_CLEARED");
  return flags;
}

ordered_json ResultJson(const LineResult& line) {
  ordered_json checks = ordered_json::array();
  ordered_json flags = ordered_json::array();
  if (line.run != nullptr) AppendChecks(line.run->checks(), "", &checks);
  AppendChecks(line.attempt->checks(), "", &checks);
  if (line.result != nullptr) AppendFlags(line.result->flags(), &flags);
  AppendFlags(FlagsOf(*line.attempt), &flags);
  if (line.run != nullptr) AppendFlags(line.run->flags(), &flags);

  ordered_json json = {{"lot", line.attempt->lot_id()},
                       {"line", line.line},
                       {"attempt",
                        {{"number", line.attempt->number()},
                         {"kind", EnumName(line.attempt->kind())},
                         {"outcome", EnumName(line.attempt->outcome())}}}};
  for (const v1::InvalidLine& invalid : line.attempt->invalid_lines()) {
    if (line.result != nullptr || invalid.line_code() != line.line) continue;
    json["attempt"]["outcome"] = EnumName(invalid.outcome());
    json["explanation"] = invalid.reason();
  }
  if (line.attempt->planned_number() > 0) {
    json["attempt"]["run"] = std::to_string(line.attempt->planned_number()) + "/" +
                             std::to_string(line.attempt->planned_total());
  }
  if (line.result != nullptr) {
    const std::string sign = v1::QualifierSign(line.result->qualifier());
    json["value_raw"] = sign + line.result->value_raw();
    json["value_reported"] = sign + line.result->value_reported();
    json["unit"] = line.result->unit();
    json["verdict"] = EnumName(line.result->verdict());
    if (line.result->verdict() == v1::VERDICT_INCONCLUSIVE || line.result->attempts_size() > 0) {
      json["explanation"] = line.result->explanation();
    }
    if (line.result->attempts_size() > 0) {
      json["attempts"] = ordered_json::array();
      for (const int number : line.result->attempts()) json["attempts"].push_back(number);
    }
    if (line.result->details_size() > 0) {
      json["details"] = ordered_json::object();
      AppendDetails(line.result->details(), &json["details"]);
    }
  } else {
    for (const char* key : {"value_raw", "value_reported", "unit", "verdict"}) json[key] = nullptr;
  }
  json["checks"] = std::move(checks);
  json["flags"] = std::move(flags);
  json["receipt"] = line.receipt == nullptr
                        ? ordered_json(nullptr)
                        : ordered_json{{"log_index", line.receipt->log_index()}};
  return json;
}

std::vector<LineResult> LineResults(const v1::ListResultsResponse& listing) {
  std::map<std::string, std::set<std::string>> lines_of_panel;
  std::map<std::pair<std::string, int>, std::map<std::string, const v1::Result*>> results_of;
  for (const v1::Result& result : listing.results()) {
    lines_of_panel[result.panel()].insert(result.line_code());
    results_of[{result.panel(), result.attempt_number()}][result.line_code()] = &result;
  }
  std::vector<LineResult> lines;
  for (const v1::Attempt& attempt : listing.attempts()) {
    const auto found = results_of.find({attempt.panel(), attempt.number()});
    if (found != results_of.end()) {
      for (const auto& [line, result] : found->second) {
        lines.push_back({line, &attempt, result, nullptr, nullptr});
      }
      continue;
    }
    const std::set<std::string>& codes = lines_of_panel[attempt.panel()];
    for (const std::string& line : codes.empty() ? std::set{attempt.panel()} : codes) {
      lines.push_back({line, &attempt, nullptr, nullptr, nullptr});
    }
  }
  std::stable_sort(lines.begin(), lines.end(), [](const LineResult& a, const LineResult& b) {
    if (a.line != b.line) return a.line < b.line;
    return a.attempt->number() > b.attempt->number();
  });
  return lines;
}

ordered_json BlockersJson(const v1::GetBlockersResponse& response) {
  ordered_json blockers = ordered_json::array();
  for (const v1::Blocker& blocker : response.blockers()) {
    blockers.push_back({{"kind", EnumName(blocker.kind())},
                        {"what", blocker.what()},
                        {"who", EnumName(blocker.who())},
                        {"description", blocker.description()}});
  }
  return {{"lot", response.lot_id()},
          {"disposition", EnumName(response.disposition())},
          {"gate", EnumName(response.gate())},
          {"releasable", response.releasable()},
          {"blockers", std::move(blockers)}};
}

ordered_json ComputationJson(const v1::Computation& computation) {
  const bool several = computation.samples_size() > 1;
  ordered_json checks = ordered_json::array();
  ordered_json reportable = ordered_json::array();
  ordered_json details = ordered_json::object();
  ordered_json outcomes = ordered_json::object();
  AppendChecks(computation.checks(), "", &checks);
  AppendDetails(computation.details(), &details);
  v1::Outcome outcome = computation.outcome();
  for (const v1::SampleComputation& sample : computation.samples()) {
    const std::string name = several ? sample.sample_id() : "";
    AppendChecks(sample.checks(), name, &checks);
    for (const v1::Reportable& value : sample.reportables()) {
      ordered_json json = {{"name", value.line_code()},
                           {"value", value.value()},
                           {"qualifier", EnumName(value.qualifier())},
                           {"unit", value.unit()}};
      if (several) json["sample"] = name;
      reportable.push_back(std::move(json));
    }
    AppendDetails(sample.details(), several ? &details[name] : &details);
    outcomes[name] = EnumName(sample.outcome());
    if (!several && outcome == v1::OUTCOME_VALID) outcome = sample.outcome();
  }
  ordered_json json = {
      {"assay", computation.assay()},        {"version", computation.assay_version()},
      {"outcome", EnumName(outcome)},        {"checks", std::move(checks)},
      {"reportable", std::move(reportable)}, {"details", std::move(details)}};
  if (several) json["outcomes"] = std::move(outcomes);
  return json;
}

}  // namespace lims::client
