// What the method of a virus panel says, read once for a calculation and for the check of a map.
#ifndef LIMS_ASSAY_VIRUS_PANEL_H_
#define LIMS_ASSAY_VIRUS_PANEL_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assay/limits.h"
#include "assay/parameters.h"
#include "base/decimal.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// The check of a sample's internal control.
inline constexpr std::string_view kInternalControl = "internal_control";

struct VirusTarget {
  std::string name;  // on the map and in the file: HBV
  std::string line_code;
  std::optional<Decimal> cutoff;  // highest Cq that counts as a signal; nullopt for every Cq
  std::string lod;                // with unit, for people; empty when not given
  bool carried = false;           // by the process control
  bool tagged = false;            // a copy from the process control gives a signal of the tag too
};

struct VirusPanel {
  std::vector<VirusTarget> targets;  // in the order of the method's outputs
  std::optional<std::string> internal_control;
  Decimal ic_cq_max;
  Decimal strong_cq_max;
  bool ic_in_extraction_blank = false;
  std::optional<std::string> cellular;
  std::optional<Decimal> cellular_cq_max;
  std::optional<std::string> tag;
  bool tag_in_process_control = false;  // its targets rest on it
  int replicates = 0;
  int repeat_replicates = 0;
  std::optional<Decimal> repeat_dilution;
  std::set<v1::PositionRole> required;  // controls of every target
  Limits process_window;
  Limits positive_window;

  // nullptr for the internal control, the cellular gene, the tag and what is unknown.
  const VirusTarget* Find(std::string_view name) const;
  bool Knows(std::string_view name) const;
  // "HIV1, HBV, IC": every name that Knows.
  std::string Names() const;
  bool Requires(v1::PositionRole role) const { return required.contains(role); }
};

std::span<const Parameter> VirusPanelParameters();
std::span<const v1::PositionRole> VirusPanelRoles();
VirusPanel ReadVirusPanel(const v1::Method& method, ParameterReader& reader);
// An output for each of `targets` that the parameters do not take for the internal control, the
// cellular gene or the tag, with the target as its line: for data without a method.
void AddVirusPanelOutputs(const std::set<std::string>& targets, v1::Method* method);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_VIRUS_PANEL_H_
