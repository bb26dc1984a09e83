#include "instrument/run_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/csv.h"
#include "base/text.h"
#include "instrument/cells.h"
#include "instrument/nearest_name.h"
#include "instrument/well.h"
#include "lims/v1/words.h"

namespace lims::instrument {

namespace {

constexpr std::string_view kNextStep =
    "check that it is the right file; when the map is wrong, abort the run with a reason and plan "
    "it again";

// "PLATE:A1" or "A1" in one spelling; text that is no well stays as it is.
std::string WellKey(std::string_view plate, std::string_view position) {
  const std::string well = CanonicalWell(position).value_or(std::string(position));
  return plate.empty() ? well : fmt::format("{}:{}", plate, well);
}

const std::string& NameKey(const v1::RunPosition& entry) {
  return entry.file_name().empty() ? entry.position() : entry.file_name();
}

bool MatchesByWell(std::span<const v1::RunPosition> map, const std::vector<ParsedFile>& files) {
  std::set<std::string> wells;
  std::set<std::string> names;
  for (const ParsedFile& file : files) {
    for (const v1::RawRow& row : file.data.rows()) {
      if (row.position().empty()) return false;
      wells.insert(WellKey(row.plate(), row.position()));
      names.insert(row.name());
    }
  }
  const bool any_well = std::any_of(map.begin(), map.end(), [&](const v1::RunPosition& entry) {
    return wells.contains(MapWell(entry.position()));
  });
  const bool any_name = std::any_of(map.begin(), map.end(), [&](const v1::RunPosition& entry) {
    return names.contains(NameKey(entry));
  });
  return any_well || !any_name;
}

std::string WithTarget(std::string_view place, std::string_view target) {
  return target.empty() ? std::string(place) : fmt::format("{}, target {}", place, target);
}

// Whether the vendor's software was told that the well holds something else. It mostly calls
// everything UNKNOWN; only a standard or a blank is ever named.
bool Contradicts(std::string_view task, v1::PositionRole role) {
  if (IsWord(task, "standard")) {
    return role == v1::POSITION_ROLE_SAMPLE || role == v1::POSITION_ROLE_NTC;
  }
  return IsWord(task, "ntc") &&
         (role == v1::POSITION_ROLE_SAMPLE || role == v1::POSITION_ROLE_STANDARD ||
          role == v1::POSITION_ROLE_POSITIVE_CONTROL);
}

// What instruments fill in where nobody gave a name: "Sample 7", "Unknown-3", "UNK".
bool IsFilledIn(std::string_view name) {
  const std::size_t end = name.find_last_not_of("0123456789 -_#");
  if (end == std::string_view::npos) return true;
  const std::string word = AsciiLower(name.substr(0, end + 1));
  return word == "sample" || word == "unknown" || word == "unk";
}

// Whether a name is the sample's id, or the id with something behind it: "S-1 1:10", never "S-12".
bool BeginsWithId(std::string_view name, std::string_view sample_id) {
  const std::string lower = AsciiLower(name);
  if (!lower.starts_with(AsciiLower(sample_id))) return false;
  const char next = lower.size() == sample_id.size() ? ' ' : lower[sample_id.size()];
  return next < '0' || next > '9';
}

class Joiner {
 public:
  Joiner(std::span<const v1::RunPosition> map, const std::vector<ParsedFile>& files)
      : map_(map),
        files_(files),
        by_well_(MatchesByWell(map, files)),
        has_data_(map.size(), false) {}

  Result<Joined> Join() {
    IndexMap();
    Joined joined;
    for (const ParsedFile& file : files_) {
      for (const v1::RawRow& row : file.data.rows()) {
        JoinRow(row, PlaceIn(file.label, fmt::format("line {}", row.line())), joined);
      }
    }
    CheckComplete();
    if (!problems_.empty()) return std::move(problems_).ToError();
    return joined;
  }

 private:
  using Key = std::pair<std::string, std::string>;  // well or name, target

  static std::string Field(const v1::RunPosition& entry) {
    return WithTarget("position " + entry.position(), entry.target());
  }

  void IndexMap() {
    for (std::size_t i = 0; i < map_.size(); ++i) {
      const v1::RunPosition& entry = map_[i];
      Key key{by_well_ ? MapWell(entry.position()) : NameKey(entry), entry.target()};
      const auto [first, is_new] = entries_.try_emplace(std::move(key), i);
      if (!is_new) {
        problems_.Add(Field(entry), fmt::format("is on the map twice, the first time as {}",
                                                QuotedForMessage(map_[first->second].position())));
        has_data_[i] = true;  // named once is enough
      }
      places_.insert(by_well_ ? MapWell(entry.position()) : NameKey(entry));
      targets_[by_well_ ? MapWell(entry.position()) : NameKey(entry)].insert(entry.target());
      if (!entry.sample_id().empty()) samples_.insert(entry.sample_id());
    }
  }

  void JoinRow(const v1::RawRow& row, const std::string& line, Joined& joined) {
    std::string place = by_well_ ? WellKey(row.plate(), row.position()) : row.name();
    if (!row.position().empty()) {
      const std::string well = WellKey(row.plate(), row.position());
      const auto [first, is_new] = seen_.try_emplace(Key{well, row.target()}, line);
      if (!is_new) {
        problems_.Add(line, fmt::format("{} stands in {} already; each may stand once",
                                        WithTarget("well " + well, row.target()), first->second));
      }
    }
    if (place.empty() && places_.size() == 1) place = *places_.begin();
    if (place.empty()) {
      problems_.Add(line, "has no name, so no position of the map can be found for it");
      return;
    }
    auto found = entries_.find(Key{place, row.target()});
    if (found == entries_.end()) found = entries_.find(Key{place, ""});
    if (found == entries_.end()) {
      problems_.Add(line, NotOnMap(row, place));
      return;
    }
    const v1::RunPosition& entry = map_[found->second];
    has_data_[found->second] = true;
    if (!entry.omit_reason().empty()) {
      problems_.Add(
          line, fmt::format("has data for {}, which the map omits ({}); data that exist are "
                            "not left out: abort the run with a reason or submit the right file",
                            Field(entry), QuotedForMessage(entry.omit_reason())));
    }
    if (by_well_ && entry.file_name().empty() && entry.sample_id() != row.name() &&
        samples_.contains(row.name())) {
      problems_.Add(
          line, fmt::format(
                    "names {} as {}, the map has {} there; check that the plate was "
                    "loaded as planned, and abort the run with a reason if it was not",
                    Field(entry), QuotedForMessage(row.name()),
                    entry.sample_id().empty() ? "a control" : QuotedForMessage(entry.sample_id())));
    }
    if (by_well_ && !entry.file_name().empty() && entry.file_name() != row.name()) {
      problems_.Add(line,
                    fmt::format("names {} as {}, the map expects {}; check that the plate was "
                                "loaded and named as planned",
                                Field(entry), QuotedForMessage(row.name()),
                                QuotedForMessage(entry.file_name())));
    }
    if (Contradicts(row.task(), entry.role())) {
      problems_.Add(
          line,
          fmt::format("calls {} {}, the map has {} there; check that the plate was "
                      "loaded as planned, and abort the run with a reason if it was not",
                      Field(entry), QuotedForMessage(row.task()), v1::EnumWord(entry.role())));
    }
    joined.data.push_back(MakeDatum(entry, row));
    joined.places.push_back(line);
  }

  std::string NotOnMap(const v1::RawRow& row, const std::string& place) const {
    const std::string what =
        fmt::format("{} {}", by_well_ ? "well" : "name", QuotedForMessage(place));
    if (places_.contains(place)) {
      return fmt::format("{} is on the map, but not with target {}{}", what,
                         QuotedForMessage(row.target()),
                         Suggest("the nearest there", row.target(), targets_.at(place)));
    }
    const std::string name =
        by_well_ && !row.name().empty() ? fmt::format(" ({})", QuotedForMessage(row.name())) : "";
    return fmt::format("{}{} is not on the map of the run{}; {}", what, name,
                       by_well_ ? "" : Suggest("the nearest on it", place, places_), kNextStep);
  }

  static std::string Suggest(std::string_view what, std::string_view name,
                             const std::set<std::string>& names) {
    const std::string nearest = NearestName(name, names);
    return nearest.empty() ? "" : fmt::format(" ({} is {})", what, QuotedForMessage(nearest));
  }

  // Names in the files that the map does not have.
  std::set<std::string> NamesNotOnMap() const {
    std::set<std::string> names;
    for (const ParsedFile& file : files_) {
      for (const v1::RawRow& row : file.data.rows()) {
        if (!places_.contains(row.name())) names.insert(row.name());
      }
    }
    return names;
  }

  v1::Datum MakeDatum(const v1::RunPosition& entry, const v1::RawRow& row) const {
    v1::Datum datum;
    datum.set_plate(row.plate());
    datum.set_position(by_well_ || row.position().empty() ? entry.position() : row.position());
    datum.set_role(entry.role());
    datum.set_sample_id(entry.sample_id());
    datum.set_name(row.name());
    datum.set_target(entry.target().empty() ? row.target() : entry.target());
    datum.set_replicate(row.replicate());
    if (row.has_value()) *datum.mutable_value() = row.value();
    datum.set_undetermined(row.undetermined());
    datum.set_dose(row.dose());
    datum.set_quantity(row.quantity());
    datum.set_dilution(entry.dilution());
    datum.set_vendor_quantity(row.vendor_quantity());
    datum.set_description(row.description());
    datum.set_vendor_call(row.call());
    datum.set_line(row.line());
    return datum;
  }

  void CheckComplete() {
    const std::set<std::string> unknown = by_well_ ? std::set<std::string>() : NamesNotOnMap();
    for (std::size_t i = 0; i < map_.size(); ++i) {
      if (has_data_[i] || !map_[i].omit_reason().empty()) continue;
      problems_.Add(Field(map_[i]),
                    fmt::format("has no data in {} and is not omitted with a reason; submit the "
                                "whole export{}",
                                files_.size() == 1 ? "the file" : "any of the files",
                                by_well_ ? ""
                                         : fmt::format(" (looked for the name {}{})",
                                                       QuotedForMessage(NameKey(map_[i])),
                                                       Suggest("the nearest that the map lacks",
                                                               NameKey(map_[i]), unknown))));
    }
  }

  std::span<const v1::RunPosition> map_;
  const std::vector<ParsedFile>& files_;
  bool by_well_;
  std::map<Key, std::size_t> entries_;                    // index into map_
  std::set<std::string> places_;                          // wells or names of the map
  std::map<std::string, std::set<std::string>> targets_;  // of each place
  std::set<std::string> samples_;                         // of the map
  std::vector<bool> has_data_;                            // by index into map_
  FileProblems problems_;
  std::map<Key, std::string> seen_;  // wells of the files: where first
};

}  // namespace

std::string PlaceIn(std::string_view label, std::string_view place) {
  return label.empty() ? std::string(place) : fmt::format("{}, {}", label, place);
}

Result<Joined> JoinWithMap(std::span<const v1::RunPosition> map,
                           const std::vector<ParsedFile>& files) {
  return Joiner(map, files).Join();
}

std::string MapWell(std::string_view position) {
  const std::size_t colon = position.rfind(':');
  if (colon == std::string_view::npos) return WellKey("", position);
  return WellKey(position.substr(0, colon), position.substr(colon + 1));
}

std::vector<OtherName> OtherNames(std::span<const v1::RunPosition> map,
                                  const std::vector<ParsedFile>& files) {
  std::vector<OtherName> others;
  if (!MatchesByWell(map, files)) return others;
  std::map<std::pair<std::string, std::string>, const v1::RunPosition*> entries;  // well, target
  std::set<std::string> samples;
  for (const v1::RunPosition& entry : map) {
    entries.try_emplace({MapWell(entry.position()), entry.target()}, &entry);
    if (!entry.sample_id().empty()) samples.insert(entry.sample_id());
  }
  bool by_id = false;
  for (const ParsedFile& file : files) {
    for (const v1::RawRow& row : file.data.rows()) {
      by_id = by_id || samples.contains(row.name());
      const std::string well = WellKey(row.plate(), row.position());
      auto found = entries.find({well, row.target()});
      if (found == entries.end()) found = entries.find({well, ""});
      if (found == entries.end() || row.name().empty()) continue;
      const v1::RunPosition& entry = *found->second;
      if (!entry.file_name().empty() || entry.sample_id() == row.name()) continue;
      others.push_back(
          {PlaceIn(file.label, fmt::format("line {}", row.line())), row.name(), &entry});
    }
  }
  for (OtherName& other : others) {
    other.odd = by_id && other.entry->role() == v1::POSITION_ROLE_SAMPLE &&
                !BeginsWithId(other.name, other.entry->sample_id()) && !IsFilledIn(other.name);
  }
  return others;
}

}  // namespace lims::instrument
