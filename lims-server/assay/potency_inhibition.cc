// Inhibition of proliferation in co-culture, from the means of wells.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
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

using Wells = std::vector<const v1::Datum*>;
using Checks = google::protobuf::RepeatedPtrField<v1::Check>;

// Wells of one sample or reference by their dose; no dose is a group of its own.
using Doses = std::map<std::optional<Decimal>, Wells>;

std::vector<Decimal> Responses(const Wells& wells) {
  std::vector<Decimal> responses;
  for (const v1::Datum* well : wells) {
    if (const std::optional<Decimal> response = NumberOf(*well)) responses.push_back(*response);
  }
  return responses;
}

std::optional<Quotient> MeanResponse(const Wells& wells) {
  const std::vector<Decimal> responses = Responses(wells);
  if (responses.empty()) return std::nullopt;
  return MeanOf(responses);
}

std::optional<Decimal> ValueOf(const std::optional<Quotient>& quotient) {
  if (!quotient) return std::nullopt;
  return quotient->Value();
}

Doses ByDose(const Wells& wells) {
  Doses doses;
  for (const v1::Datum* well : wells) {
    const Result<Decimal> dose = Decimal::Parse(well->dose());
    doses[dose ? std::optional(*dose) : std::nullopt].push_back(well);
  }
  return doses;
}

std::string Named(const std::string& group, const std::optional<Decimal>& dose) {
  return dose ? fmt::format("{} at {}", group, dose->ToString()) : group;
}

class Coculture {
 public:
  Coculture(const v1::AssayInput& input, const InhibitionSettings& settings)
      : input_(input), settings_(settings), computation_(BeginComputation(input)) {}

  v1::Computation Run() && {
    CheckPotencyWells(input_, computation_);
    CheckResponders();
    CheckBackground();
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
  void RunDetail(std::string_view name, const std::optional<Decimal>& value,
                 std::string_view unit = "") {
    if (value) AddDetail(name, value->ToString(), unit, *computation_.mutable_details());
  }

  // The CV is that of the readings, before any background is taken off.
  void CheckGroup(const std::string& group, const Wells& wells, Checks& checks) const {
    const std::vector<Decimal> responses = Responses(wells);
    *checks.Add() =
        LimitCheck("wells", group, Decimal::FromInt(static_cast<std::int64_t>(responses.size())),
                   {Decimal::FromInt(settings_.wells_min), std::nullopt});
    if (responses.size() < 2) return;
    *checks.Add() = LimitCheck("well_cv", group, CvPercentOf(responses),
                               {std::nullopt, settings_.well_cv_max, "%"}, "mean is zero");
  }

  void CheckResponders() {
    const Wells stimulated = DataOfRole(input_, v1::POSITION_ROLE_STIMULATED);
    const Wells unstimulated = DataOfRole(input_, v1::POSITION_ROLE_UNSTIMULATED);
    CheckGroup("STIMULATED", stimulated, run_checks());
    CheckGroup("UNSTIMULATED", unstimulated, run_checks());
    stimulated_ = MeanResponse(stimulated);
    unstimulated_ = MeanResponse(unstimulated);
    RunDetail("stimulated_mean", ValueOf(stimulated_));
    RunDetail("unstimulated_mean", ValueOf(unstimulated_));
    CheckStimulation();
    if (settings_.unstimulated_max) {
      *run_checks().Add() = LimitCheck("unstimulated_mean", "", ValueOf(unstimulated_),
                                       {std::nullopt, settings_.unstimulated_max}, "missing");
    }
  }

  // P / N of means above the blank. With N at zero or below, any stimulation is strong enough.
  void CheckStimulation() {
    const Quotient blank =
        MeanResponse(DataOfRole(input_, v1::POSITION_ROLE_BLANK)).value_or(Quotient());
    std::string observed = "missing";
    bool ok = false;
    if (stimulated_ && unstimulated_) {
      const Quotient p = *stimulated_ - blank;
      const Quotient n = *unstimulated_ - blank;
      const bool rises = n.Value() < p.Value();
      if (Decimal() < n.Value()) {
        const Decimal index = (p / n).Value();
        observed = index.ToString();
        ok = rises && index >= settings_.stimulation_index_min;
        RunDetail("stimulation_index", index);
      } else {
        observed = rises ? "P above N, N not above the blank" : "P not above N";
        ok = rises;
      }
    }
    *run_checks().Add() =
        MakeCheck("stimulation_index", "", observed,
                  "P above N and P / N >= " + settings_.stimulation_index_min.ToString(), ok);
  }

  void CheckBackground() {
    const Wells wells = DataOfRole(input_, v1::POSITION_ROLE_MSC_ALONE);
    const std::optional<Decimal> mean = ValueOf(MeanResponse(wells));
    RunDetail("msc_alone_mean", mean);
    if (!settings_.msc_alone_max) return;
    *run_checks().Add() =
        LimitCheck("msc_alone_mean", "", mean, {std::nullopt, settings_.msc_alone_max}, "missing");
  }

  // 100 (P - M) / (P - N); the blank falls out. Absent when P does not exceed N.
  std::optional<Decimal> Inhibition(const Wells& wells) const {
    const std::optional<Quotient> mean = MeanResponse(wells);
    if (!mean || !stimulated_ || !unstimulated_) return std::nullopt;
    const Quotient window = *stimulated_ - *unstimulated_;
    if (!(Decimal() < window.Value())) return std::nullopt;
    Quotient inhibition = (*stimulated_ - *mean) / window;
    inhibition.numerator = Decimal::FromInt(100) * inhibition.numerator;
    return inhibition.Value();
  }

  // The group of wells at the dose that is reported; nullptr when the data do not have it.
  const Wells* ReportedWells(const Doses& doses) const {
    if (!settings_.reported_dose) {
      return doses.size() == 1 ? &doses.begin()->second : nullptr;
    }
    const auto found = doses.find(settings_.reported_dose);
    return found == doses.end() ? nullptr : &found->second;
  }

  // What was observed where ReportedWells finds nothing.
  static std::string DosesOf(const Doses& doses) {
    std::string text;
    for (const auto& [dose, wells] : doses) {
      text += (text.empty() ? "" : ", ") + (dose ? dose->ToString() : "no dose");
    }
    return text.empty() ? "missing" : text;
  }

  void CheckReference() {
    const Doses doses = ByDose(DataOfRole(input_, v1::POSITION_ROLE_REFERENCE));
    if (doses.empty() && !settings_.reference.any()) return;
    for (const auto& [dose, wells] : doses) {
      CheckGroup(Named("REFERENCE", dose), wells, run_checks());
    }
    if (const Wells* wells = ReportedWells(doses)) reference_ = Inhibition(*wells);
    RunDetail("reference_inhibition", reference_, "%");
    if (!settings_.reference.any()) return;
    *run_checks().Add() = LimitCheck("reference_inhibition", "", reference_, settings_.reference,
                                     "none at the dose; doses: " + DosesOf(doses));
  }

  void ComputeSample(const SampleData& sample, v1::SampleComputation& found) const {
    Checks& checks = *found.mutable_checks();
    const Doses doses = ByDose(sample.data);
    for (const auto& [dose, wells] : doses) {
      CheckGroup(dose ? "dose " + dose->ToString() : "", wells, checks);
      const std::optional<Decimal> inhibition = Inhibition(wells);
      if (!inhibition) continue;
      AddDetail(dose ? "inhibition_at_" + dose->ToString() : "inhibition", inhibition->ToString(),
                "%", *found.mutable_details());
    }
    CheckMonotonic(doses, checks);
    // A single group needs no dose; beside others, wells without one are no dose more.
    const std::size_t counted = doses.size() == 1 ? 1 : doses.size() - doses.count(std::nullopt);
    *checks.Add() = LimitCheck("doses", "", Decimal::FromInt(static_cast<std::int64_t>(counted)),
                               {Decimal::FromInt(settings_.doses_min), std::nullopt});
    const Wells* wells = ReportedWells(doses);
    if (wells == nullptr) {
      *checks.Add() = MakeCheck(
          "reported_dose", "", DosesOf(doses),
          settings_.reported_dose ? settings_.reported_dose->ToString() : "one dose", false);
      return;
    }
    const std::optional<Decimal> inhibition = Inhibition(*wells);
    if (!inhibition) return;  // the run is invalid: P does not exceed N
    Report(*inhibition, *wells, found);
    if (reference_ && !reference_->zero()) {
      const Decimal relative = Quotient{Decimal::FromInt(100) * *inhibition, *reference_}.Value();
      AddDetail("percent_of_reference", relative.ToString(), "%", *found.mutable_details());
    }
  }

  // More of the product must not inhibit less.
  void CheckMonotonic(const Doses& doses, Checks& checks) const {
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

  void Report(const Decimal& inhibition, const Wells& wells, v1::SampleComputation& found) const {
    const v1::MethodOutput output = OnlyOutput(input_.method());
    v1::Reportable& reportable = *found.add_reportables();
    reportable.set_line_code(output.line_code());
    reportable.set_value(inhibition.ToString());
    reportable.set_unit(output.input_unit());
    std::vector<std::string_view> responses;  // what the wells say is no percentage
    for (const v1::Datum* well : wells) responses.push_back(well->value().value());
    AddDetail("responses", fmt::format("{}", fmt::join(responses, ", ")), "",
              *found.mutable_details());
  }

  const v1::AssayInput& input_;
  const InhibitionSettings& settings_;
  v1::Computation computation_;
  std::optional<Quotient> stimulated_;
  std::optional<Quotient> unstimulated_;
  std::optional<Decimal> reference_;  // inhibition by the reference cell
};

}  // namespace

InhibitionSettings ReadInhibitionSettings(ParameterReader& reader) {
  InhibitionSettings settings;
  settings.stimulation_index_min = reader.Number("stimulation_index_min");
  settings.well_cv_max = reader.Number("well_cv_max");
  settings.wells_min = reader.Count("wells_min", 1);
  settings.doses_min = reader.Count("doses_min", 1);
  settings.reported_dose = reader.OptionalNumber("reported_dose");
  if (settings.doses_min > 1 && !settings.reported_dose) {
    reader.Refuse("reported_dose", "must name one of the doses");
  }
  settings.unstimulated_max = reader.OptionalNumber("unstimulated_max");
  settings.msc_alone_max = reader.OptionalNumber("msc_alone_max");
  settings.monotonic_required = reader.Choice("monotonic", {"required", "reported"}) == "required";
  settings.reference = reader.Window("reference_inhibition_min", "reference_inhibition_max", "%");
  return settings;
}

v1::Computation CalculateInhibition(const v1::AssayInput& input,
                                    const InhibitionSettings& settings) {
  return Coculture(input, settings).Run();
}

}  // namespace lims::assay
