#include "assay/one_plate.h"

#include <fmt/format.h>

#include <cstddef>
#include <set>
#include <string_view>

#include "base/text.h"

namespace lims::assay {
namespace {

constexpr std::string_view kWhy =
    "controls, reference and samples of a run stand on one plate, with cells of one donor";

// Of a well "PLATE:A1"; empty for one without plate and for a name, whatever colons it has.
std::string_view PlateOf(std::string_view position) {
  const std::size_t colon = position.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view well = position.substr(colon + 1);
  if (well.size() < 2 || IsDigit(well.front()) || !IsDigit(well.back())) return {};
  return position.substr(0, colon);
}

}  // namespace

void CheckOnePlate(const Positions& positions, std::vector<Violation>& violations) {
  std::set<std::string_view> plates;
  std::string_view first;
  for (int i = 0; i < positions.size(); ++i) {
    const std::string_view plate = PlateOf(positions[i].position());
    if (plate.empty() || !plates.insert(plate).second) continue;
    if (plates.size() == 1) {
      first = positions[i].position();
      continue;
    }
    violations.push_back(
        {fmt::format("positions[{}].position", i),
         fmt::format("{} stands on another plate than {}: {}; plan a run for each plate",
                     QuotedForMessage(positions[i].position()), QuotedForMessage(first), kWhy)});
  }
}

std::vector<Violation> CheckOnePlate(const google::protobuf::RepeatedPtrField<v1::Datum>& data,
                                     const std::vector<std::string>& places) {
  std::vector<Violation> violations;
  std::set<std::string_view> plates;
  std::string first;
  for (int i = 0; i < data.size(); ++i) {
    const std::string& plate = data[i].plate();
    if (plate.empty() || !plates.insert(plate).second) continue;
    const std::string& place = places[static_cast<std::size_t>(i)];
    if (plates.size() == 1) {
      first = fmt::format("{} of {}", place, QuotedForMessage(plate));
      continue;
    }
    violations.push_back(
        {place, fmt::format("is of plate {}, {}: {}; submit the data of one, or abort the run with "
                            "a reason and plan one for each plate",
                            QuotedForMessage(plate), first, kWhy)});
  }
  return violations;
}

}  // namespace lims::assay
