// Joins the rows of a raw file with the map that was fixed before the data existed.
#ifndef LIMS_INSTRUMENT_RUN_MAP_H_
#define LIMS_INSTRUMENT_RUN_MAP_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::instrument {

// A file that was read, and what problems call it; an only file has no label.
struct ParsedFile {
  std::string label;
  v1::RawData data;
};

// "line 12" of a file: "file 2 (plate.csv), line 12".
std::string PlaceIn(std::string_view label, std::string_view place);

struct Joined {
  std::vector<v1::Datum> data;      // in the order of the files
  std::vector<std::string> places;  // of each datum, as problems name it
};

// Role, sample and dilution come from the map, everything measured from the file; a target on the
// map replaces the file's.
//
// Rows are matched by well and target when every row has a well, else by name and target: a map
// position then is a name, or `file_name` is. A file with wells is matched by name all the same
// when no map position is one of its wells but some position is one of its names. Wells on a
// named plate are written "PLATE:A1" on the map; A1 and A01 are the same well. A map entry
// without target matches every target of its position that no other entry names. Rows with neither
// well nor name are of the one position of the map.
//
// INVALID_ARGUMENT names all of: rows that the map does not have, with the nearest name that it
// has; positions without data that are not omitted with a reason; data for omitted positions; names
// that differ from `file_name`, or are another sample of the map; a vendor's task (standard, NTC)
// that contradicts the role on the map; positions that stand twice on the
// map or in the files.
Result<Joined> JoinWithMap(std::span<const v1::RunPosition> map,
                           const std::vector<ParsedFile>& files);

// A position of the map in one spelling, where it is a well: "PLATE:A1" for "PLATE:A01".
std::string MapWell(std::string_view position);

// A row whose well the file names otherwise than by the sample there, on a map that names no well.
struct OtherName {
  std::string place;                       // of the row, as problems name it
  std::string name;                        // never empty
  const v1::RunPosition* entry = nullptr;  // of the map
  // Whether it stands in a sample's well of a file that names its samples by their ids, and is
  // neither the id with something behind it ("S-1 1:10") nor what instruments fill in ("Sample 7").
  bool odd = false;
};

// In the order of the files; nothing where they are matched by name. For files that JoinWithMap
// takes. Who may look samples up decides what such a name says.
std::vector<OtherName> OtherNames(std::span<const v1::RunPosition> map,
                                  const std::vector<ParsedFile>& files);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_RUN_MAP_H_
