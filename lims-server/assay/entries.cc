#include "assay/entries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "assay/observation.h"
#include "assay/one_plate.h"
#include "assay/outputs.h"
#include "assay/registry.h"
#include "base/contains.h"
#include "base/decimal.h"
#include "base/text.h"

namespace lims::assay {
namespace {

using Entries = google::protobuf::RepeatedPtrField<v1::TypedEntry>;
using Data = google::protobuf::RepeatedPtrField<v1::Datum>;
using Readings = google::protobuf::RepeatedPtrField<v1::ReadingEntry>;

constexpr int kHighestReplicate = 1000;
constexpr std::size_t kMaxDescriptionBytes = 2000;
constexpr std::size_t kMaxLabelBytes = 64;

class EntryCheck {
 public:
  explicit EntryCheck(const v1::Method& method) : method_(method) {}

  std::vector<Violation> Run(const Readings& readings) && {
    for (int i = 0; i < readings.size(); ++i) {
      const std::string path = fmt::format("entries[{}].", i);
      const v1::MethodOutput* output = OutputRead(path, readings[i].target());
      if (output != nullptr) CheckRead(path, output->input(), readings[i], *output);
    }
    return std::move(violations_);
  }

  std::vector<Violation> Run(const Data& data, const std::vector<std::string>& places) && {
    for (int i = 0; i < data.size(); ++i) {
      if (data[i].role() != v1::POSITION_ROLE_SAMPLE) continue;
      const std::string path = places[static_cast<std::size_t>(i)] + ", ";
      const v1::MethodOutput* output = OutputRead(path, data[i].target());
      if (output != nullptr) CheckRead(path, LabelOf(data[i], *output), data[i], *output);
    }
    return std::move(violations_);
  }

  std::vector<Violation> Run(const Entries& entries) && {
    for (int i = 0; i < entries.size(); ++i) CheckEntry(i, entries[i]);
    // A positive is reported at once, whatever was not seen yet.
    const bool positive =
        std::any_of(entries.begin(), entries.end(), [&](const v1::TypedEntry& entry) {
          return IsPositive(method_, entry.input(), entry.value().value());
        });
    if (!positive) {
      for (const v1::MethodOutput& output : method_.outputs()) CheckComplete(output);
    }
    if (entries.empty() && violations_.empty()) Refuse("entries", "there is no value to submit");
    return std::move(violations_);
  }

 private:
  // "VIA 91.4 at position A1"
  static std::string LabelOf(const v1::Datum& datum, const v1::MethodOutput& output) {
    const std::string& value = datum.value().value();
    std::string label = PartNamed(output, datum.target());
    if (!value.empty() && !TextProblem(value, kMaxLabelBytes)) label += " " + value;
    if (!datum.position().empty()) label += " at position " + datum.position();
    return label;
  }

  void Refuse(std::string field, std::string description) {
    violations_.push_back({std::move(field), std::move(description)});
  }

  void CheckEntry(int index, const v1::TypedEntry& entry) {
    const std::string path = fmt::format("entries[{}].", index);
    const v1::MethodOutput* output = EnteredOutput(method_, entry.input());
    const std::string part = output == nullptr ? "" : PartNamed(*output, entry.input());
    if (part.empty()) {
      Refuse(path + "input", UnknownInput(entry.input()));
      return;
    }
    const std::string label = fmt::format("{} replicate {}", part, entry.replicate());
    CheckReplicate(path, label, part, index, entry, *output);
    CheckValue(path, label, entry, *output);
  }

  // nullptr, and refused, when no output takes the target.
  const v1::MethodOutput* OutputRead(const std::string& path, const std::string& target) {
    const v1::MethodOutput* output = ReadOutput(method_, target);
    if (output != nullptr && !PartNamed(*output, target).empty()) return output;
    Refuse(path + "target", UnknownInput(target));
    return nullptr;
  }

  // `entry` has a value and a description: typed, read or from a file.
  template <typename Entry>
  void CheckValue(const std::string& path, const std::string& label, const Entry& entry,
                  const v1::MethodOutput& output) {
    if (output.codes().empty()) {
      CheckNumber(path, label, entry.value(), output);
    } else {
      CheckCode(path, label, entry, output);
    }
    CheckUnit(path, label, entry.value(), output);
    if (const auto problem = TextProblem(entry.description(), kMaxDescriptionBytes)) {
      Refuse(path + "description", label + ": the description " + *problem);
    }
  }

  // What is read may also say how the test goes on: turbid, transferred.
  template <typename Entry>
  void CheckRead(const std::string& path, const std::string& label, const Entry& entry,
                 v1::MethodOutput output) {
    const v1::ObservationPlan& plan = method_.observation();
    if (!output.codes().empty()) {
      for (const std::string& code : {plan.unreadable_code(), plan.transfer_code()}) {
        if (!code.empty()) output.add_codes(code);
      }
    }
    CheckValue(path, label, entry, output);
  }

  std::string UnknownInput(const std::string& name) const {
    for (const v1::MethodOutput& output : method_.outputs()) {
      if (output.line_code() == name && output.targets().empty()) {
        return fmt::format("{} is calculated from {} and is not typed", name, output.input());
      }
    }
    std::vector<std::string> known;
    for (const v1::MethodOutput& output : method_.outputs()) {
      if (SourceOf(method_, output) != nullptr) continue;
      for (OutputPart& part : PartsOf(output)) known.push_back(std::move(part.name));
    }
    for (std::string& vessel : VesselTargets(method_)) {
      if (!Contains(known, vessel)) known.push_back(std::move(vessel));
    }
    return fmt::format("{} takes no {}; it takes {}", method_.method_id(), QuotedForMessage(name),
                       fmt::join(known, ", "));
  }

  void CheckReplicate(const std::string& path, const std::string& label, const std::string& part,
                      int index, const v1::TypedEntry& entry, const v1::MethodOutput& output) {
    if (entry.replicate() < 1 || entry.replicate() > kHighestReplicate) {
      Refuse(path + "replicate", label + ": replicates are numbered 1, 2, 3 and so on");
      return;
    }
    const int most = MostReplicates(output.input());
    if (most > 0 && entry.replicate() > most) {
      Refuse(path + "replicate", fmt::format("{}: there are at most {}", label, most));
    }
    const auto [place, is_new] = replicates_[part].try_emplace(entry.replicate(), index);
    if (!is_new) {
      Refuse(path + "replicate",
             fmt::format("{} was already given in entries[{}]", label, place->second));
    }
  }

  // Over the outputs that share the input; 0 for no bound.
  int MostReplicates(const std::string& input) const {
    int most = 0;
    for (const v1::MethodOutput& output : method_.outputs()) {
      if (output.input() != input || SourceOf(method_, output) != nullptr) continue;
      if (output.replicates_max() == 0) return 0;
      most = std::max(most, output.replicates_max());
    }
    return most;
  }

  void CheckNumber(const std::string& path, const std::string& label,
                   const v1::MeasuredValue& value, const v1::MethodOutput& output) {
    if (value.value().empty()) {
      Refuse(path + "value", label + ": the value is empty; empty is never zero");
      return;
    }
    const Result<Decimal> number = Decimal::Parse(value.value());
    if (!number) {
      Refuse(path + "value", label + ": " + WhatIsWrong(number.error()));
    } else if (output.whole_number() && number->Round(0, Rounding::kHalfEven) != *number) {
      Refuse(path + "value", fmt::format("{}: {} is not a whole number", label, value.value()));
    }
  }

  template <typename Entry>
  void CheckCode(const std::string& path, const std::string& label, const Entry& entry,
                 const v1::MethodOutput& output) {
    const std::string& code = entry.value().value();
    if (!Contains(output.codes(), code)) {
      Refuse(path + "value", fmt::format("{}: {} is none of {}", label, QuotedForMessage(code),
                                         fmt::join(output.codes(), ", ")));
    }
    if (entry.value().qualifier() != v1::QUALIFIER_UNSPECIFIED) {
      Refuse(path + "value", label + ": an observation has neither < nor >");
    }
    if (Contains(output.described_codes(), code) && entry.description().empty()) {
      Refuse(path + "description", fmt::format("{}: {} needs a description", label, code));
    }
  }

  void CheckUnit(const std::string& path, const std::string& label, const v1::MeasuredValue& value,
                 const v1::MethodOutput& output) {
    if (value.unit() == output.input_unit()) return;
    if (output.input_unit().empty()) {
      Refuse(path + "unit",
             fmt::format("{} has no unit; {} was given", label, QuotedForMessage(value.unit())));
    } else if (value.unit().empty()) {
      Refuse(path + "unit", fmt::format("{}: the unit {} is missing", label, output.input_unit()));
    } else {
      Refuse(path + "unit", fmt::format("{} is given in {}, not in {}", label, output.input_unit(),
                                        QuotedForMessage(value.unit())));
    }
  }

  void CheckComplete(const v1::MethodOutput& output) {
    if (SourceOf(method_, output) != nullptr) return;
    for (const OutputPart& part : PartsOf(output)) {
      const std::map<int, int>& given = replicates_[part.name];
      if (given.empty() && !output.needs_fact().empty()) continue;
      const int needed = std::max(part.replicates_min, given.empty() ? 0 : given.rbegin()->first);
      for (int replicate = 1; replicate <= needed; ++replicate) {
        if (!given.contains(replicate) && missing_.emplace(part.name, replicate).second) {
          Refuse("entries",
                 fmt::format("{} replicate {} is missing{}", part.name, replicate,
                             given.empty() ? "" : "; hand all of them in together (--input)"));
        }
      }
    }
  }

  const v1::Method& method_;
  std::map<std::string, std::map<int, int>> replicates_;  // by part: replicate -> index of entry
  std::set<std::pair<std::string, int>> missing_;         // named already
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> CheckEntries(const v1::Method& method, const Entries& entries) {
  return EntryCheck(method).Run(entries);
}

std::vector<Violation> CheckReadings(const v1::Method& method, const Readings& entries) {
  return EntryCheck(method).Run(entries);
}

std::vector<Violation> CheckData(const v1::Method& method, const Data& data,
                                 const std::vector<std::string>& places) {
  if (NeedsOnePlate(method)) return CheckOnePlate(data, places);
  if (!TakesTypedValues(method)) return {};
  return EntryCheck(method).Run(data, places);
}

std::vector<v1::Datum> DataOfEntries(const v1::Method& method, const Entries& entries,
                                     std::string_view sample_id) {
  std::vector<v1::Datum> data;
  for (const v1::TypedEntry& entry : entries) {
    const v1::MethodOutput* output = EnteredOutput(method, entry.input());
    v1::Datum& datum = data.emplace_back();
    datum.set_role(v1::POSITION_ROLE_SAMPLE);
    datum.set_sample_id(std::string(sample_id));
    datum.set_target(output == nullptr ? entry.input() : PartNamed(*output, entry.input()));
    datum.set_replicate(fmt::format("{}", entry.replicate()));
    *datum.mutable_value() = entry.value();
    datum.set_description(entry.description());
  }
  return data;
}

}  // namespace lims::assay
