// Potency of a cell product: inhibition of proliferation, or activity relative to a reference cell.
#include "assay/potency.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "assay/calculators.h"
#include "assay/exclusions.h"
#include "assay/findings.h"
#include "assay/map_check.h"
#include "assay/one_plate.h"
#include "assay/run_combination.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

constexpr Parameter kParameters[] = {
    {"mode", "INHIBITION (percent in co-culture) or RELATIVE (percent of a reference by 4PL)", ""},
    {"plate_controls",
     "RELATIVE: required, where stimulated and unstimulated wells stand on every plate and the "
     "wells of each group are judged as in INHIBITION; none, where there are none",
     kNone},
    {"stimulation_index_min", "lowest stimulation index P / N", "3"},
    {"well_cv_max", "largest CV of the wells of a group, in %", "20"},
    {"wells_min", "fewest wells of a group", "3"},
    {"doses_min", "INHIBITION: fewest doses (MSC:PBMC ratios) of a sample", "1"},
    {"reported_dose",
     "INHIBITION: the dose whose inhibition is reported; none: the only one there is", kNone},
    {"unstimulated_max", "highest mean response of the unstimulated wells", kNone},
    {"msc_alone_max", "highest mean response of the wells with MSC alone", kNone},
    {"background_sd_max",
     "largest SD of the BLANK wells and of the MSC_ALONE wells, in % of the mean of the stimulated "
     "wells; where there are any, there must then be wells_min of them",
     kNone},
    {"reference_inhibition_min", "INHIBITION: lowest inhibition by the reference cell, in %",
     kNone},
    {"reference_inhibition_max", "INHIBITION: highest inhibition by the reference cell, in %",
     kNone},
    {"monotonic",
     "INHIBITION: whether it is required or reported that inhibition does not fall as the dose "
     "rises",
     "reported"},
    {"r_squared_min", "RELATIVE: lowest R squared of each curve", "0.95"},
    {"f_test", "RELATIVE: whether the F test of parallelism is required or reported", "required"},
    {"f_test_p_min", "RELATIVE: lowest p of the F test; p itself complies", "0.05"},
    {"equivalence",
     "RELATIVE: whether 95 % limits of the ratios and differences inside their margins are "
     "required or reported",
     "reported"},
    {"b_ratio_min", "RELATIVE: lower margin of the ratio of slopes, sample / reference", kNone},
    {"b_ratio_max", "RELATIVE: upper margin of the ratio of slopes, sample / reference", kNone},
    {"range_ratio_min", "RELATIVE: lower margin of the ratio of D - A, sample / reference", kNone},
    {"range_ratio_max", "RELATIVE: upper margin of the ratio of D - A, sample / reference", kNone},
    {"a_difference_min",
     "RELATIVE: lower margin of the difference of A, sample - reference, in parts of D - A of the "
     "reference",
     kNone},
    {"a_difference_max", "RELATIVE: upper margin of that difference", kNone},
    {"d_difference_min",
     "RELATIVE: lower margin of the difference of D, sample - reference, in parts of D - A of the "
     "reference",
     kNone},
    {"d_difference_max", "RELATIVE: upper margin of that difference", kNone},
    {"reference_c_min", "RELATIVE: lowest dose of half effect of the reference", kNone},
    {"reference_c_max", "RELATIVE: highest dose of half effect of the reference", kNone},
    {"precision_ratio_max",
     "RELATIVE: largest upper / lower 95 % limit of the relative potency of one run; a wider one "
     "is "
     "inconclusive (runs that are combined have it in their plan)",
     kNone},
    {"precision_limits", "RELATIVE: which limits are that precise: delta, fieller or profile",
     "delta"},
};

constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE,     v1::POSITION_ROLE_REFERENCE,
                                       v1::POSITION_ROLE_STIMULATED, v1::POSITION_ROLE_UNSTIMULATED,
                                       v1::POSITION_ROLE_MSC_ALONE,  v1::POSITION_ROLE_BLANK};
constexpr std::string_view kFormats[] = {"dose_response_csv", "plate_csv"};

bool IsRelative(ParameterReader& reader) {
  return reader.Choice("mode", {"INHIBITION", "RELATIVE"}) == "RELATIVE";
}

v1::Computation CalculateAll(const v1::AssayInput& input) {
  ParameterReader reader(input.method(), kParameters);
  if (IsRelative(reader)) {
    const RelativeSettings settings = ReadRelativeSettings(reader);
    if (reader.ok()) return CalculateRelative(input, settings);
  } else {
    const InhibitionSettings settings = ReadInhibitionSettings(input.method(), reader);
    if (reader.ok()) return CalculateInhibition(input, settings);
  }
  return RefuseParameters(input, reader.TakeViolations());
}

std::string ExcludedPoints(const v1::AssayInput& input) {
  std::string text;
  for (const v1::Datum& point : input.data()) {
    if (point.excluded_by().empty()) continue;
    const std::string plate = point.plate().empty() ? "" : point.plate() + ":";
    text += fmt::format("{}{}{} {} ({})", text.empty() ? "" : ", ", plate, point.position(),
                        point.value().value(), point.excluded_by());
  }
  return text;
}

constexpr std::string_view kOnlyWithout =
    "with the points that were left out it does not count, so that everything hangs on leaving "
    "them out";
// Leaving a point out must not take a failing value away.
constexpr std::string_view kOnlyWith =
    "without the points that were left out it does not count, so that everything hangs on keeping "
    "them";

void HangOnExclusion(std::string_view why, v1::SampleComputation& sample) {
  for (v1::Reportable& reportable : *sample.mutable_reportables()) {
    reportable.set_inconclusive(std::string(why));
    AddDetail(kRunInconclusive, std::string(why), "", *sample.mutable_details());
  }
}

// Beside each value that which every point gives.
void AddWithExcluded(const v1::Method& method, const v1::SampleComputation& all,
                     v1::SampleComputation& counting) {
  auto& details = *counting.mutable_details();
  for (int i = 0; i < counting.reportables_size(); ++i) {  // the outputs of the method, as in `all`
    v1::Reportable& reportable = *counting.mutable_reportables(i);
    const std::string& value = all.reportables(i).value();
    reportable.set_value_with_excluded(value);
    const std::string& open = all.reportables(i).inconclusive();
    if (method.judge_with_excluded() && reportable.inconclusive().empty() && !open.empty()) {
      reportable.set_inconclusive(HangsOnLeftOut(open));
    }
    const bool only = counting.reportables_size() == 1;
    AddDetail(only ? std::string(kValueWithExcluded) : ValueWithExcludedOf(reportable.line_code()),
              value, reportable.unit(), details);
  }
  for (const v1::NamedValue& detail : all.details()) {
    if (detail.name() != kLnSe && detail.name() != kLnDf) continue;
    AddDetail(detail.name() + std::string(kWithExcluded), detail.value(), "", details);
  }
}

// The calculation without the excluded points, and beside it the value with them.
v1::Computation Calculate(const v1::AssayInput& input) {
  if (!HasExclusions(input)) return CalculateAll(input);
  const v1::Computation all = CalculateAll(WithExcluded(input));
  v1::Computation found = CalculateAll(WithoutExcluded(input));
  const bool run_needs_them =
      all.outcome() == v1::OUTCOME_VALID && found.outcome() != v1::OUTCOME_VALID;
  if (run_needs_them) found = all;
  for (const v1::SampleComputation& same : all.samples()) {
    const auto counting =
        std::find_if(found.mutable_samples()->begin(), found.mutable_samples()->end(),
                     [&](const auto& sample) { return sample.sample_id() == same.sample_id(); });
    if (counting == found.mutable_samples()->end()) {  // every point of it is left out
      *found.add_samples() = same;
      HangOnExclusion(kOnlyWith, *found.mutable_samples(found.samples_size() - 1));
    } else if (run_needs_them) {
      HangOnExclusion(kOnlyWith, *counting);
    } else if (counting->reportables().empty() && !same.reportables().empty()) {
      *counting = same;
      HangOnExclusion(kOnlyWith, *counting);
    } else if (same.reportables().empty()) {
      HangOnExclusion(kOnlyWithout, *counting);
    } else {
      AddWithExcluded(input.method(), same, *counting);
    }
  }
  AddDetail("excluded", ExcludedPoints(input), "", *found.mutable_details());
  return found;
}

// A control that is pipetted and then judged by nobody looks like evidence.
void RefuseUnjudged(const v1::Method& method, const Positions& positions,
                    std::vector<Violation>& violations) {
  for (int i = 0; i < positions.size(); ++i) {
    const v1::PositionRole role = positions[i].role();
    if (role != v1::POSITION_ROLE_STIMULATED && role != v1::POSITION_ROLE_UNSTIMULATED &&
        role != v1::POSITION_ROLE_MSC_ALONE) {
      continue;
    }
    violations.push_back(
        {fmt::format("positions[{}].role", i),
         fmt::format("{} at {}: {} judges no such well; a version of it with plate_controls does",
                     v1::EnumWord(role), positions[i].position(), method.method_id())});
  }
}

// The inhibition, the inhibition in % of the reference cell, or both.
void CheckInhibitionOutputs(const v1::Method& method, std::vector<Violation>& violations) {
  if (method.outputs_size() > 2 ||
      (method.outputs_size() == 2 &&
       IsOfReference(method.outputs(0)) == IsOfReference(method.outputs(1)))) {
    violations.push_back({"method.outputs",
                          fmt::format("the calculator potency reports the inhibition, the input {} "
                                      "or both: one output each",
                                      kPercentOfReference)});
    return;
  }
  for (int i = 0; i < method.outputs_size(); ++i) CheckPlainOutput(method, i, violations);
}

}  // namespace

constinit const Calculator kPotency{
    .assay = "potency",
    .version = "5",
    .description = "inhibition of proliferation in %, or potency in % of a reference by 4PL",
    .parameters = kParameters,
    .roles = kRoles,
    .formats = kFormats,
    .calculate = Calculate};

std::vector<Violation> CheckPotency(const v1::Method& method) {
  ParameterReader reader(method, kParameters);
  const bool relative = IsRelative(reader);
  if (relative) {
    ReadRelativeSettings(reader);
  } else {
    ReadInhibitionSettings(method, reader);
  }
  if (method.has_run_plan() && reader.Text("precision_ratio_max") != kNone) {
    reader.Refuse("precision_ratio_max", "stands in the plan of the runs, which are combined");
  }
  std::vector<Violation> violations = reader.TakeViolations();
  const bool normalised = std::any_of(method.outputs().begin(), method.outputs().end(),
                                      [](const auto& output) { return IsOfReference(output); });
  if (relative || !normalised) {
    CheckOnlyOutput(method, violations);
  } else {
    CheckInhibitionOutputs(method, violations);
  }
  return violations;
}

std::vector<Violation> CheckPotencyMap(const v1::Method& method, const Positions& positions) {
  ParameterReader reader(method, kParameters);
  std::vector<v1::PositionRole> needed;
  std::vector<Violation> violations;
  if (IsRelative(reader)) {
    const RelativeSettings settings = ReadRelativeSettings(reader);
    if (settings.plate) {
      needed = NeededControls(*settings.plate);
    } else {
      RefuseUnjudged(method, positions, violations);
    }
    needed.push_back(v1::POSITION_ROLE_REFERENCE);
  } else {
    const InhibitionSettings settings = ReadInhibitionSettings(method, reader);
    needed = NeededControls(settings.plate);
    if (settings.reference.any() || settings.of_reference) {
      needed.push_back(v1::POSITION_ROLE_REFERENCE);
    }
  }
  CheckRoles(positions, kRoles, "a potency assay", violations);
  CheckNeat(positions, "the dose counts every dilution", violations);
  CheckOnePlate(positions, violations);
  for (int i = 0; i < positions.size(); ++i) {
    if (positions[i].target().empty()) continue;
    violations.push_back(
        {fmt::format("positions[{}].target", i),
         fmt::format("{} at {}: a potency assay has no targets",
                     QuotedForMessage(positions[i].target()), positions[i].position())});
  }
  for (const v1::PositionRole role : needed) {
    if (HasWell(positions, role, "")) continue;
    violations.push_back({"positions", "there is no " + v1::EnumWord(role)});
  }
  return violations;
}

void CheckPotencyWells(const v1::AssayInput& input, v1::Computation& computation) {
  for (const v1::Datum& well : input.data()) {
    const std::string& place = well.position().empty() ? well.name() : well.position();
    if (!NumberOf(well)) {
      *computation.add_checks() =
          MakeCheck("readable_response", place, well.value().value(), "a number", false);
    }
    const Result<Decimal> dilution = Decimal::Parse(well.dilution());
    if (!well.dilution().empty() && !(dilution && *dilution == Decimal::FromInt(1))) {
      *computation.add_checks() = MakeCheck("dilution", place, well.dilution(),
                                            "none: the dose counts every dilution", false);
    }
  }
}

}  // namespace lims::assay
