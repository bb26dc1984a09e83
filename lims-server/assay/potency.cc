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
#include "assay/run_combination.h"
#include "base/text.h"

namespace lims::assay {
namespace {

constexpr Parameter kParameters[] = {
    {"mode", "INHIBITION (percent in co-culture) or RELATIVE (percent of a reference by 4PL)", ""},
    {"stimulation_index_min", "INHIBITION: lowest stimulation index P / N", "3"},
    {"well_cv_max", "INHIBITION: largest CV of the wells of a group, in %", "20"},
    {"wells_min", "INHIBITION: fewest wells of a group", "3"},
    {"doses_min", "INHIBITION: fewest doses (MSC:PBMC ratios) of a sample", "1"},
    {"reported_dose",
     "INHIBITION: the dose whose inhibition is reported; none: the only one there is", kNone},
    {"unstimulated_max", "INHIBITION: highest mean response of the unstimulated wells", kNone},
    {"msc_alone_max", "INHIBITION: highest mean response of the wells with MSC alone", kNone},
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
     "RELATIVE: whether 95 % limits of b_ratio and range_ratio inside their margins are required "
     "or reported",
     "reported"},
    {"b_ratio_min", "RELATIVE: lower margin of the ratio of slopes, sample / reference", kNone},
    {"b_ratio_max", "RELATIVE: upper margin of the ratio of slopes, sample / reference", kNone},
    {"range_ratio_min", "RELATIVE: lower margin of the ratio of D - A, sample / reference", kNone},
    {"range_ratio_max", "RELATIVE: upper margin of the ratio of D - A, sample / reference", kNone},
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
    const InhibitionSettings settings = ReadInhibitionSettings(reader);
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
void AddWithExcluded(const v1::SampleComputation& all, v1::SampleComputation& counting) {
  auto& details = *counting.mutable_details();
  for (v1::Reportable& reportable : *counting.mutable_reportables()) {
    reportable.set_value_with_excluded(all.reportables(0).value());
    AddDetail(kValueWithExcluded, all.reportables(0).value(), reportable.unit(), details);
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
      AddWithExcluded(same, *counting);
    }
  }
  AddDetail("excluded", ExcludedPoints(input), "", *found.mutable_details());
  return found;
}

}  // namespace

constinit const Calculator kPotency{
    .assay = "potency",
    .version = "3",
    .description = "inhibition of proliferation in %, or potency in % of a reference by 4PL",
    .parameters = kParameters,
    .roles = kRoles,
    .formats = kFormats,
    .calculate = Calculate};

std::vector<Violation> CheckPotency(const v1::Method& method) {
  ParameterReader reader(method, kParameters);
  if (IsRelative(reader)) {
    ReadRelativeSettings(reader);
  } else {
    ReadInhibitionSettings(reader);
  }
  if (method.has_run_plan() && reader.Text("precision_ratio_max") != kNone) {
    reader.Refuse("precision_ratio_max", "stands in the plan of the runs, which are combined");
  }
  std::vector<Violation> violations = reader.TakeViolations();
  CheckOnlyOutput(method, violations);
  return violations;
}

std::vector<Violation> CheckPotencyMap(const v1::Method& method, const Positions& positions) {
  ParameterReader reader(method, kParameters);
  std::vector<v1::PositionRole> needed;
  if (IsRelative(reader)) {
    needed = {v1::POSITION_ROLE_REFERENCE};
  } else {
    const InhibitionSettings settings = ReadInhibitionSettings(reader);
    needed = {v1::POSITION_ROLE_STIMULATED, v1::POSITION_ROLE_UNSTIMULATED};
    if (settings.msc_alone_max) needed.push_back(v1::POSITION_ROLE_MSC_ALONE);
    if (settings.reference.any()) needed.push_back(v1::POSITION_ROLE_REFERENCE);
  }
  std::vector<Violation> violations;
  CheckRoles(positions, kRoles, "a potency assay", violations);
  CheckNeat(positions, "the dose counts every dilution", violations);
  for (int i = 0; i < positions.size(); ++i) {
    if (positions[i].target().empty()) continue;
    violations.push_back(
        {fmt::format("positions[{}].target", i),
         fmt::format("{} at {}: a potency assay has no targets",
                     QuotedForMessage(positions[i].target()), positions[i].position())});
  }
  for (const v1::PositionRole role : needed) {
    if (HasWell(positions, role, "")) continue;
    violations.push_back({"positions", "there is no " + RoleText(role)});
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
