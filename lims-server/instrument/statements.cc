#include "instrument/statements.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace lims::instrument {

std::vector<std::string> StatementFlags(const v1::RawData& data) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kFlags{
      {{kCalibrationExpired, "CALIBRATION_EXPIRED: "},
       {kOmittedWells, "WELLS_OMITTED: "},
       {kRunEndTime, "FILE_TIME: "}}};
  std::vector<std::string> flags;
  for (const v1::NamedValue& property : data.properties()) {
    for (const auto& [name, flag] : kFlags) {
      if (property.name() != name) continue;
      flags.push_back(std::string(flag) + WithoutHidden(property.value()));
    }
  }
  return flags;
}

}  // namespace lims::instrument
