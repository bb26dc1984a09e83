// Checks of single cells that several formats share. Each adds its problem with line, column and
// the column's printed name, so that a technician finds the cell and knows the next step.
#ifndef LIMS_INSTRUMENT_CELLS_H_
#define LIMS_INSTRUMENT_CELLS_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/csv.h"
#include "lims/v1/assay.pb.h"

namespace lims::instrument {

enum class Presence { kRequired, kMayBeEmpty };

// Text fit for a record.
void CheckText(const CsvField& cell, std::string_view name, Presence presence,
               FileProblems& problems, std::size_t max_bytes = 256);

// Whether `text` is `word` (lower case), without regard to ASCII case.
bool IsWord(std::string_view text, std::string_view word);

// A well such as A1 or B12.
void CheckWell(const CsvField& cell, std::string_view name, FileProblems& problems);

// A decimal number; an empty cell is a problem, never zero.
bool CheckNumber(const CsvField& cell, std::string_view name, FileProblems& problems);

// A decimal number of zero or more, for quantities and doses.
bool CheckNotNegative(const CsvField& cell, std::string_view name, FileProblems& problems);

// A quantification cycle: a decimal number over zero into `value`, or "Undetermined" in any case
// into `undetermined`.
void ReadCq(const CsvField& cell, std::string_view name, v1::RawRow& row, FileProblems& problems);

// Names cells that must be unique, and reports the second of two alike.
class SeenKeys {
 public:
  // `what` names the key for people: "well A1 with target TERT".
  void Check(std::string_view plate, std::string_view position, std::string_view target,
             const CsvField& cell, const std::string& what, FileProblems& problems);
  // A well may stand once with each target; nothing is asked of what is no well.
  void CheckTarget(const CsvField& well, std::string_view target, FileProblems& problems);

 private:
  std::map<std::tuple<std::string, std::string, std::string>, int> lines_;
};

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_CELLS_H_
