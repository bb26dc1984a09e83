// The outer form of a QuantStudio text export: a head of `* Key = Value` lines and sections named
// in brackets.
#ifndef LIMS_INSTRUMENT_QUANTSTUDIO_SECTIONS_H_
#define LIMS_INSTRUMENT_QUANTSTUDIO_SECTIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/csv.h"

namespace lims::instrument {

// More than any export has; the head is read to one more.
inline constexpr int kMaxStatements = 500;

struct KeyValue {
  std::string key;  // as printed
  std::string value;
  int line = 0;
};

struct Section {
  std::string name;       // without brackets
  int line = 0;           // of its name
  std::string_view body;  // everything up to the next section; starts at line + 1
};

struct QuantStudioText {
  std::vector<KeyValue> head;
  std::vector<Section> sections;
};

// Splits `text`, which outlives the result. A head line without a key continues the value before
// it. Problems: a first line that is no head line, a section that stands twice.
QuantStudioText SplitQuantStudioText(std::string_view text, FileProblems& problems);

// "Key = Value" without surrounding blanks; false when there is no key or no equals sign.
bool SplitKeyValue(std::string_view line, KeyValue& out);

// A key in lower snake case: "Stage/ Cycle" is stage_cycle, "R(superscript 2)" r_superscript_2.
std::string SnakeCase(std::string_view key);

// ASCII lower case without surrounding blanks, with the Cyrillic letters that the vendor prints
// in "CT" written as Latin ones.
std::string PlainHeader(std::string_view name);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_QUANTSTUDIO_SECTIONS_H_
