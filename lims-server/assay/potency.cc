// Potency of a cell product: inhibition of proliferation, or activity relative to a reference cell.
#include "assay/potency.h"

#include <vector>

#include "assay/calculators.h"
#include "assay/findings.h"

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
    {"precision_ratio_max", "RELATIVE: largest upper / lower 95 % limit of the relative potency",
     kNone},
};

constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE,     v1::POSITION_ROLE_REFERENCE,
                                       v1::POSITION_ROLE_STIMULATED, v1::POSITION_ROLE_UNSTIMULATED,
                                       v1::POSITION_ROLE_MSC_ALONE,  v1::POSITION_ROLE_BLANK};
constexpr std::string_view kFormats[] = {"dose_response_csv", "plate_csv"};

bool IsRelative(ParameterReader& reader) {
  return reader.Choice("mode", {"INHIBITION", "RELATIVE"}) == "RELATIVE";
}

v1::Computation Calculate(const v1::AssayInput& input) {
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

}  // namespace

constinit const Calculator kPotency{
    .assay = "potency",
    .version = "2",
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
  std::vector<Violation> violations = reader.TakeViolations();
  CheckOnlyOutput(method, violations);
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
