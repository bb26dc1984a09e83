#include "app/file_names.h"

#include <map>
#include <string>

#include "base/text.h"
#include "lims/v1/lot.pb.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

// What the laboratory knows under a name.
struct Named {
  std::string what;        // "a sample of lot B"; empty for nothing
  std::string sample_id;   // that the name is; empty for a lot
  std::string lot_id;      // that the name is; empty for a sample
  bool reference = false;  // it is, or is of, a reference lot
};

Result<Named> FindExactly(storage::Records& records, const std::string& name) {
  Named named;
  LIMS_ASSIGN_OR_RETURN(const auto sample, records.Find<v1::Sample>({name}));
  const std::string& lot_id = sample ? sample->record.lot_id() : name;
  LIMS_ASSIGN_OR_RETURN(const auto lot, records.Find<v1::Lot>({lot_id}));
  if (sample) {
    named.what = "a sample of lot " + lot_id;
    named.sample_id = sample->record.sample_id();
  } else if (lot) {
    named.what = "the number of a lot";
    named.lot_id = lot_id;
  }
  named.reference = lot && lot->record.kind() == v1::LOT_KIND_REFERENCE;
  return named;
}

// Under the name, or under what stands before an addition to it: "B-S1 r2", "B-S1_1:10".
Result<Named> FindNamed(storage::Records& records, const std::string& name) {
  for (std::size_t end = name.size(); end != std::string::npos && end > 0;
       end = name.find_last_of(" _:/", end - 1)) {
    LIMS_ASSIGN_OR_RETURN(Named named, FindExactly(records, name.substr(0, end)));
    if (!named.what.empty()) return named;
  }
  return Named();
}

bool IsOfOther(const Named& named, const v1::RunPosition& entry) {
  if (named.what.empty()) return false;
  if (entry.sample_id().empty()) return !named.reference;
  if (named.sample_id == entry.sample_id()) return false;
  return named.lot_id.empty() || named.lot_id != entry.lot_id();
}

}  // namespace

Result<FileProblems> NamesOfOthers(storage::Records& records, std::span<const v1::RunPosition> map,
                                   const std::vector<instrument::ParsedFile>& files) {
  FileProblems problems;
  std::map<std::string, Named> known;  // by name
  for (const instrument::OtherName& other : instrument::OtherNames(map, files)) {
    const v1::RunPosition& entry = *other.entry;
    const auto [named, is_new] = known.try_emplace(other.name);
    if (is_new) {
      LIMS_ASSIGN_OR_RETURN(named->second, FindNamed(records, other.name));
    }
    const bool of_other = IsOfOther(named->second, entry);
    if (!of_other && (!other.odd || !named->second.what.empty())) continue;
    const std::string there = entry.sample_id().empty() ? v1::EnumWord(entry.role())
                                                        : QuotedForMessage(entry.sample_id());
    problems.Add(other.place,
                 "names position " + entry.position() + " as " + QuotedForMessage(other.name) +
                     (of_other ? ", which is " + named->second.what
                               : ", and other wells by the ids of their samples") +
                     "; the map has " + there +
                     " there; check that it is the right file, and abort the run with a reason if "
                     "the plate was loaded otherwise");
    if (problems.full()) break;
  }
  return problems;
}

}  // namespace lims::app
