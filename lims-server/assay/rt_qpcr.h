// What the method of an RT-qPCR says, read once for a calculation and for the check of a map.
#ifndef LIMS_ASSAY_RT_QPCR_H_
#define LIMS_ASSAY_RT_QPCR_H_

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/limits.h"
#include "assay/parameters.h"
#include "base/decimal.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// The parameter `target` of a method that takes the one target that the data have.
inline constexpr std::string_view kOnlyTarget = "only";

struct RtQpcrControl {
  v1::PositionRole role;
  std::string_view name;   // in required_controls
  std::string_view check;  // name of its check
};
inline constexpr RtQpcrControl kPositiveCells{v1::POSITION_ROLE_POSITIVE_CONTROL,
                                              "POSITIVE_CONTROL", "positive_control"};
inline constexpr RtQpcrControl kNegativeCells{v1::POSITION_ROLE_NEGATIVE_CONTROL,
                                              "NEGATIVE_CONTROL", "negative_control"};
inline constexpr RtQpcrControl kCleanControls[] = {
    {v1::POSITION_ROLE_NTC, "NTC", "ntc"},
    {v1::POSITION_ROLE_NO_RT, "NO_RT", "no_rt"},
    {v1::POSITION_ROLE_EXTRACTION_BLANK, "EXTRACTION_BLANK", "extraction_blank"},
};

enum class RtQpcrMode { kQualitative, kAbsolute, kRelative };

// What a quantity in a well is divided by.
enum class RtQpcrNormaliser { kNothing, kRna, kReference };
// Setup value with the RNA in an undiluted well, in ng.
inline constexpr std::string_view kRnaPerWell = "rna_per_well";

struct RtQpcrSettings {
  RtQpcrMode mode = RtQpcrMode::kQualitative;
  std::string target;
  std::optional<std::string> reference;
  std::optional<Decimal> cutoff;  // highest Cq that is a signal; nullopt for every Cq
  int replicates = 0;             // fewest wells of the target for each sample
  Decimal replicate_sd_max;       // of Cq
  bool sd_of_quantified = false;  // judges no SD of the target where no quantity rests on it
  std::set<std::string, std::less<>> required;
  Limits positive;          // Cq of each well of the positive control
  Limits reference_window;  // mean Cq of the reference gene in a sample
  std::optional<int> reference_replicates;
  std::optional<Decimal> reference_difference_max;  // of mean Cqs, sample against positive control
  std::optional<std::string> spike;
  Decimal spike_shift_max;  // of mean Cqs, sample against NTC
  Limits slope;
  Limits r_squared;
  Limits efficiency;  // in %
  // In a well in the unit of the standards, nullopt for the lowest of them; in relative mode in %
  // of the positive control.
  std::optional<Decimal> loq;
  bool target_expected = false;  // in a sample; a quantity mode may say so
  RtQpcrNormaliser normaliser = RtQpcrNormaliser::kNothing;
  std::optional<Decimal> lod;  // printed beside every value
  std::string lod_unit;

  bool absolute() const { return mode == RtQpcrMode::kAbsolute; }
  bool relative() const { return mode == RtQpcrMode::kRelative; }
  bool by_reference() const { return normaliser == RtQpcrNormaliser::kReference; }
  bool Knows(std::string_view name) const {
    return name == target || name == reference || name == spike;
  }
  // "hTERT, GAPDH".
  std::string Names() const {
    std::string names = target;
    for (const auto& other : {reference, spike}) {
      if (other) names += ", " + *other;
    }
    return names;
  }
  // Roles without which, with their target, no plate can be valid.
  std::vector<std::pair<v1::PositionRole, std::string>> NeededWells() const;
};

std::span<const Parameter> RtQpcrParameters();
std::span<const v1::PositionRole> RtQpcrRoles();
RtQpcrSettings ReadRtQpcr(ParameterReader& reader);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_RT_QPCR_H_
