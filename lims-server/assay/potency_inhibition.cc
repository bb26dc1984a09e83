// Inhibition of proliferation in co-culture, from the means of wells.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/exact.h"
#include "assay/findings.h"
#include "assay/potency.h"

namespace lims::assay {
namespace {

using Checks = google::protobuf::RepeatedPtrField<v1::Check>;

std::string Named(const std::string& group, const std::optional<Decimal>& dose) {
  return dose ? fmt::format("{} at {}", group, dose->ToString()) : group;
}

class Coculture {
 public:
  Coculture(const v1::AssayInput& input, const InhibitionSettings& settings)
      : input_(input), settings_(settings), computation_(BeginComputation(input)) {}

  v1::Computation Run() && {
    CheckPotencyWells(input_, computation_);
    responders_ = CheckResponders(input_, settings_.plate, computation_);
    CheckReference();
    for (const SampleData& sample : SamplesOf(input_)) {
      v1::SampleComputation& found = *computation_.add_samples();
      found.set_sample_id(sample.sample_id);
      ComputeSample(sample, found);
    }
    ConcludeComputation(computation_);
    return std::move(computation_);
  }

 private:
  Checks& run_checks() { return *computation_.mutable_checks(); }

  // 100 (P - M) / (P - N); the blank falls out. Absent when P does not exceed N.
  std::optional<Decimal> Inhibition(const PlateWells& wells) const {
    const std::optional<Quotient> mean = MeanResponse(wells);
    if (!mean || !responders_.stimulated || !responders_.unstimulated) return std::nullopt;
    const Quotient window = *responders_.stimulated - *responders_.unstimulated;
    if (!(Decimal() < window.Value())) return std::nullopt;
    Quotient inhibition = (*responders_.stimulated - *mean) / window;
    inhibition.numerator = Decimal::FromInt(100) * inhibition.numerator;
    return inhibition.Value();
  }

  // The group of wells at the dose that is reported; nullptr when the data do not have it.
  const PlateWells* ReportedWells(const DoseGroups& doses) const {
    if (!settings_.reported_dose) {
      return doses.size() == 1 ? &doses.begin()->second : nullptr;
    }
    const auto found = doses.find(settings_.reported_dose);
    return found == doses.end() ? nullptr : &found->second;
  }

  // What was observed where ReportedWells finds nothing.
  static std::string DosesOf(const DoseGroups& doses) {
    std::string text;
    for (const auto& [dose, wells] : doses) {
      text += (text.empty() ? "" : ", ") + (dose ? dose->ToString() : "no dose");
    }
    return text.empty() ? "missing" : text;
  }

  void CheckReference() {
    const DoseGroups doses = ByDose(DataOfRole(input_, v1::POSITION_ROLE_REFERENCE));
    if (doses.empty() && !settings_.reference.any() && !settings_.of_reference) return;
    for (const auto& [dose, wells] : doses) {
      CheckGroup(settings_.plate, Named("REFERENCE", dose), wells, run_checks());
    }
    if (const PlateWells* wells = ReportedWells(doses)) reference_ = Inhibition(*wells);
    if (reference_) {
      AddDetail("reference_inhibition", reference_->ToString(), "%",
                *computation_.mutable_details());
    }
    const std::string absent = "none at the dose; doses: " + DosesOf(doses);
    if (settings_.reference.any()) {
      *run_checks().Add() =
          LimitCheck("reference_inhibition", "", reference_, settings_.reference, absent);
    }
    if (settings_.of_reference) {
      *run_checks().Add() = MakeCheck("reference_inhibition", kPercentOfReference,
                                      reference_ ? WithUnit(reference_->ToString(), "%") : absent,
                                      "above zero", reference_ && Decimal() < *reference_);
    }
  }

  void ComputeSample(const SampleData& sample, v1::SampleComputation& found) const {
    Checks& checks = *found.mutable_checks();
    const DoseGroups doses = ByDose(sample.data);
    for (const auto& [dose, wells] : doses) {
      CheckGroup(settings_.plate, dose ? "dose " + dose->ToString() : "", wells, checks);
      const std::optional<Decimal> inhibition = Inhibition(wells);
      if (!inhibition) continue;
      AddDetail(dose ? "inhibition_at_" + dose->ToString() : "inhibition", inhibition->ToString(),
                "%", *found.mutable_details());
    }
    CheckMonotonic(doses, checks);
    // A single group needs no dose; beside others, wells without one are no dose more.
    const std::size_t counted = doses.size() == 1 ? 1 : doses.size() - doses.count(std::nullopt);
    *checks.Add() = CountCheck("doses", "", counted, settings_.doses_min);
    const PlateWells* wells = ReportedWells(doses);
    if (wells == nullptr) {
      *checks.Add() = MakeCheck(
          "reported_dose", "", DosesOf(doses),
          settings_.reported_dose ? settings_.reported_dose->ToString() : "one dose", false);
      return;
    }
    const std::optional<Decimal> inhibition = Inhibition(*wells);
    if (!inhibition) return;  // the run is invalid: P does not exceed N
    std::optional<Decimal> of_reference;
    if (reference_ && !reference_->zero()) {
      of_reference = Quotient{Decimal::FromInt(100) * *inhibition, *reference_}.Value();
    }
    for (const v1::MethodOutput& output : input_.method().outputs()) {
      if (!IsOfReference(output)) {
        Report(output, *inhibition, found);
      } else if (of_reference) {  // else the run is invalid
        Report(output, *of_reference, found);
      }
    }
    std::vector<std::string_view> responses;  // what the wells say is no percentage
    for (const v1::Datum* well : *wells) responses.push_back(well->value().value());
    AddDetail("responses", fmt::format("{}", fmt::join(responses, ", ")), "",
              *found.mutable_details());
    if (of_reference) {
      AddDetail(kPercentOfReference, of_reference->ToString(), "%", *found.mutable_details());
    }
  }

  // More of the product must not inhibit less.
  void CheckMonotonic(const DoseGroups& doses, Checks& checks) const {
    if (!settings_.monotonic_required) return;
    std::string falls;
    std::optional<Decimal> before;
    for (const auto& [dose, wells] : doses) {
      const std::optional<Decimal> inhibition = Inhibition(wells);
      if (!dose || !inhibition) continue;
      if (before && *inhibition < *before && falls.empty()) {
        falls = fmt::format("falls from {} to {} at dose {}", before->ToString(),
                            inhibition->ToString(), dose->ToString());
      }
      before = inhibition;
    }
    *checks.Add() = MakeCheck("monotonic", "", falls.empty() ? "does not fall" : falls,
                              "inhibition does not fall as the dose rises", falls.empty());
  }

  static void Report(const v1::MethodOutput& output, const Decimal& percent,
                     v1::SampleComputation& found) {
    v1::Reportable& reportable = *found.add_reportables();
    reportable.set_line_code(output.line_code());
    reportable.set_value(percent.ToString());
    reportable.set_unit(output.input_unit());
  }

  const v1::AssayInput& input_;
  const InhibitionSettings& settings_;
  v1::Computation computation_;
  Responders responders_;
  std::optional<Decimal> reference_;  // inhibition by the reference cell
};

}  // namespace

bool IsOfReference(const v1::MethodOutput& output) {
  return output.input() == kPercentOfReference;
}

InhibitionSettings ReadInhibitionSettings(const v1::Method& method, ParameterReader& reader) {
  InhibitionSettings settings;
  settings.plate = ReadPlateSettings(reader);
  settings.doses_min = reader.Count("doses_min", 1);
  settings.reported_dose = reader.OptionalNumber("reported_dose");
  if (settings.doses_min > 1 && !settings.reported_dose) {
    reader.Refuse("reported_dose", "must name one of the doses");
  }
  settings.monotonic_required = reader.Choice("monotonic", {"required", "reported"}) == "required";
  settings.reference = reader.Window("reference_inhibition_min", "reference_inhibition_max", "%");
  settings.of_reference =
      std::any_of(method.outputs().begin(), method.outputs().end(), IsOfReference);
  return settings;
}

v1::Computation CalculateInhibition(const v1::AssayInput& input,
                                    const InhibitionSettings& settings) {
  return Coculture(input, settings).Run();
}

}  // namespace lims::assay
